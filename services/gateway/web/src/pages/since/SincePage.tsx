// Since your last visit: what changed within what the reader may see.
import { useEffect, useMemo, useRef, useState } from 'react';
import { readConditions, writeConditions, type Condition, conditionOf } from '../../address/question';
import { go, usePlace } from '../../address/router';
import { useAnswer } from '../../api/answer';
import { askMatrix, matrixKey } from '../../api/matrix';
import { useNames } from '../../api/names';
import { identityOf, useSession } from '../../api/session';
import { useExerciseNote } from '../../parts/exercise';
import { FailureNotice } from '../../parts/FailureNotice';
import { Notice } from '../../parts/Notice';
import { ReaderScope } from '../../parts/ReaderScope';
import { SkeletonRows } from '../../parts/Skeleton';
import { usePageTitle } from '../../parts/usePageTitle';
import { useTexts } from '../../texts/useTexts';
import { ChangeList } from './ChangeList';
import { daysOf, fits } from './changes';
import { SinceQuestion } from './SinceQuestion';
import { SinceRail } from './SinceRail';
import { useChanges } from './useChanges';
import { beginVisit, endVisit, type Moment, recordSeen } from './visits';
import './since.css';

function write(where: readonly Condition[], everything: boolean): void {
  const search = new URLSearchParams();
  writeConditions(where, search);
  if (everything) search.set('since', 'start');
  go(`/since?${search}`.replace(/\?$/, ''), true);
}

export default function SincePage() {
  const session = useSession();
  const identity = identityOf(session);
  // Another reader is another page: nothing of the one before stays.
  return <SinceFor key={identity} identity={identity} />;
}

function SinceFor({ identity }: { identity: string }) {
  const { t, language, format } = useTexts();
  const session = useSession();
  const { search } = usePlace();
  const states = useNames('state', language);
  const [last, setLast] = useState<Moment | undefined>(() => beginVisit(identity));
  usePageTitle(t('since.title'));

  const where = useMemo(() => readConditions(new URLSearchParams(search)), [search]);
  const one = (dimension: Condition['dimension']) => (conditionOf(where, dimension).length === 1 ? conditionOf(where, dimension)[0] : undefined);
  const narrow = one('state') ?? one('article') ?? one('type');
  // Everything that stands is a flood unless the question names a State, an article or a type. Then it is
  // what a first visit shows: since then nothing can have changed.
  const everything = narrow !== undefined && (last === undefined || new URLSearchParams(search).get('since') === 'start');
  const filters: Record<string, string> = {};
  if (everything) {
    for (const [name, value] of [['state', one('state')], ['provision', one('article')], ['type', one('type')]] as const) {
      if (value !== undefined) filters[name] = value;
    }
  }
  // At a first visit any answer of the matrix tells where the feed stands now.
  const hereAsk = { rows: 'chapter', language } as const;
  const here = useAnswer(last === undefined && !everything ? matrixKey(hereAsk) : '', (signal) => askMatrix(hereAsk, signal));
  const changes = useChanges(everything ? 'start' : (last?.position ?? here.value?.position), filters);
  const shown = useMemo(() => changes.shown.filter((change) => fits(change, where)), [changes.shown, where]);
  const waiting = useMemo(() => changes.waiting.filter((change) => fits(change, where)), [changes.waiting, where]);
  const days = useMemo(() => daysOf(shown, states.list.map(({ code }) => code), everything), [shown, states, everything]);
  useExerciseNote(shown.some((change) => change.kind === 'stated' && change.need.exercise));

  // What was on the page counts as seen.
  const { position, caughtUp } = changes;
  useEffect(() => {
    if (caughtUp && position && !everything) recordSeen(identity, position);
  }, [identity, caughtUp, position, everything]);

  const list = useRef<HTMLDivElement>(null);
  const [focusFirst, setFocusFirst] = useState(false);
  useEffect(() => {
    if (!focusFirst) return;
    setFocusFirst(false);
    list.current?.querySelector<HTMLElement>('a, summary')?.focus();
  }, [focusFirst]);

  // On a narrow screen it stands below the list, whose height is not known before: it comes with the first.
  const [come, setCome] = useState(false);
  if (!come && (caughtUp || shown.length > 0 || here.failure)) setCome(true);

  const first = last === undefined && !everything;
  return (
    <>
      <SinceQuestion
        where={where}
        last={last}
        everything={everything}
        mayHaveEverything={narrow !== undefined}
        answered={come}
        change={(next) => write(next, everything)}
        chooseSince={(all) => write(where, all)}
      />
      <ReaderScope session={session} />
      <div className="two-columns since">
        <div>
          <div className="new-pill" role="status">
            {waiting.length > 0 && (
              <button
                type="button"
                className="pill"
                onClick={() => {
                  changes.insert();
                  setFocusFirst(true);
                }}
              >
                {t('changes.new', { count: waiting.length })}
              </button>
            )}
          </div>
          {changes.restarted && (
            <Notice kind="info" title={t('since.restarted.title')}>
              <p>{t('since.restarted.text')}</p>
            </Notice>
          )}
          {here.failure && <FailureNotice failure={here.failure} reload={here.reload} />}
          {!caughtUp && !here.failure && shown.length === 0 && <SkeletonRows rows={10} columns={2} />}
          <div ref={list}>
            <ChangeList days={days} />
          </div>
          {caughtUp && days.length === 0 && (
            <div className="stack tight empty">
              <h2>{first ? t('since.first.title') : t('since.none.title')}</h2>
              <p className="quiet">{first ? t('since.first.text') : t('since.none.text')}</p>
            </div>
          )}
          {caughtUp && days.length > 0 && (
            <p className="small quiet since-end">
              {changes.cut
                ? t('since.cut')
                : last && !everything
                  ? t('since.all', { moment: format.moment(new Date(last.at)) })
                  : t('since.allStanding')}
            </p>
          )}
        </div>
        {come && (
          <SinceRail
            identity={identity}
            changes={shown}
            all={changes.shown}
            standing={everything}
            position={position}
            setVisitToNow={() => {
              setLast(endVisit(identity, position));
              if (everything) write(where, false);
            }}
          />
        )}
      </div>
    </>
  );
}
