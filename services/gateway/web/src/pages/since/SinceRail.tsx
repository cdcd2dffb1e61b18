import { useState } from 'react';
import { readConditions } from '../../address/question';
import { go, usePlace } from '../../address/router';
import type { Change } from '../../api/feed';
import { Dialog } from '../../parts/Dialog';
import { Icon } from '../../parts/Icon';
import { Link } from '../../parts/Link';
import { useToday } from '../../parts/useToday';
import { useTexts } from '../../texts/useTexts';
import { ChangeMark } from './ChangeList';
import { byDay, changeKinds, fits, tally } from './changes';
import { type Saved, savedQuestions, saveQuestions } from './visits';

interface Props {
  identity: string;
  changes: readonly Change[]; // of this question
  all: readonly Change[]; // since the last visit, whatever the question
  standing: boolean;
  position: string;
  setVisitToNow: () => void;
}

export function SinceRail({ identity, changes, all, standing, position, setVisitToNow }: Props) {
  const { t, format } = useTexts();
  const today = useToday();
  const counts = tally(changes, standing);
  const days = byDay(changes, today, 8);
  const most = Math.max(1, ...days.map(({ count }) => count));
  return (
    <aside className="rail" aria-label={t('since.rail')}>
      <section>
        <h2>{t('since.tally', { count: changes.length })}</h2>
        <ul className="tally">
          {changeKinds.map((kind) => (
            <li key={kind}>
              <ChangeMark kind={kind} />
              <span>{t(`since.kind.${kind}`)}</span>
              <b>{format.number(counts[kind])}</b>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2>{t('since.byDay')}</h2>
        <ol className="by-day">
          {days.map(({ day, count }) => (
            <li key={day}>
              <span>{format.number(count)}</span>
              <span className="column" aria-hidden="true">
                <span style={{ blockSize: `${(count / most) * 100}%` }} />
              </span>
              <time dateTime={day} title={format.day(day)}>
                {Number(day.slice(8))}
              </time>
            </li>
          ))}
        </ol>
      </section>
      <SavedQuestions identity={identity} all={all} />
      <section>
        <h2>{t('since.goOn')}</h2>
        <p className="small quiet">{t('since.goOnText')}</p>
        {/* A region that scrolls must be reachable by keyboard. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <code className="command" dir="ltr" tabIndex={0}>
          uncac needs follow --from {position || 'start'}
        </code>
      </section>
      <p>
        <button type="button" className="button" aria-disabled={!position} onClick={() => position && setVisitToNow()}>
          {t('since.setNow')}
        </button>
      </p>
    </aside>
  );
}

function SavedQuestions({ identity, all }: { identity: string; all: readonly Change[] }) {
  const { t, format } = useTexts();
  const { search } = usePlace();
  const [saved, setSaved] = useState<readonly Saved[]>(() => savedQuestions(identity));
  const [naming, setNaming] = useState(false);
  const keep = (next: readonly Saved[]) => {
    saveQuestions(identity, next);
    setSaved(next);
  };
  const lines = [...saved, { name: t('since.everything'), search: '' }];
  return (
    <section>
      <h2>{t('since.questions')}</h2>
      <ul className="saved">
        {lines.map((question, at) => {
          const where = readConditions(new URLSearchParams(question.search));
          return (
            <li key={`${question.name}${question.search}`}>
              <Link href={`/since${question.search}`} aria-current={question.search === search ? 'true' : undefined}>
                {question.name}
              </Link>
              <span>{format.number(all.filter((change) => fits(change, where)).length)}</span>
              {at < saved.length && (
                <button type="button" aria-label={t('since.forget', { name: question.name })} onClick={() => keep(saved.filter((_, other) => other !== at))}>
                  <Icon name="close" />
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {search !== '' && !saved.some((question) => question.search === search) && (
        <p>
          <button type="button" className="link" onClick={() => setNaming(true)}>
            <Icon name="plus" />
            {t('since.save')}
          </button>
        </p>
      )}
      {naming && (
        <NameQuestion
          close={() => setNaming(false)}
          save={(name) => {
            keep([...saved, { name, search }]);
            go(`/since${search}`, true);
          }}
        />
      )}
    </section>
  );
}

function NameQuestion({ close, save }: { close: () => void; save: (name: string) => void }) {
  const { t } = useTexts();
  const [name, setName] = useState('');
  return (
    <Dialog kind="box" title={t('since.save')} close={close}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!name.trim()) return;
          save(name.trim());
          close();
        }}
      >
        <label className="field">
          <span className="label">{t('since.saveName')}</span>
          <input className="input" value={name} maxLength={80} required onChange={(event) => setName(event.currentTarget.value)} />
          <span className="hint">{t('since.saveHint')}</span>
        </label>
        <footer>
          <button type="submit" className="button main">
            {t('since.save')}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
