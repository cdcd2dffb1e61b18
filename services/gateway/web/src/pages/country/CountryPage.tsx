// The States by name, and the page of one: what it shares, its answers, every need with its history.
import { useMemo, useState } from 'react';
import { needStates } from '../../address/dimensions';
import type { Condition } from '../../address/question';
import { go, usePlace } from '../../address/router';
import { useAnswer } from '../../api/answer';
import { type Ask, askMatrix, type Matrix, matrixKey } from '../../api/matrix';
import { namesOf, useNames, withNames } from '../../api/names';
import { askNeeds } from '../../api/needs';
import { readsAllOf, useSession } from '../../api/session';
import { listSharing } from '../../api/sharing';
import { useExerciseNote } from '../../parts/exercise';
import { FailureNotice } from '../../parts/FailureNotice';
import { Link } from '../../parts/Link';
import { NewChanges } from '../../parts/NewChanges';
import { Notice } from '../../parts/Notice';
import { SkeletonRows } from '../../parts/Skeleton';
import { isThere } from '../../parts/state-groups';
import { StateTiles } from '../../parts/StateTiles';
import { usePageTitle } from '../../parts/usePageTitle';
import { useTexts } from '../../texts/useTexts';
import { ChapterTable } from './ChapterTable';
import { NeedsTable } from './NeedsTable';
import { RoundsTable } from './RoundsTable';
import { SeeAs } from './SeeAs';
import { SharingPanel } from './SharingPanel';
import { byChapter, sum } from './states-of';
import './country.css';

export default function CountryPage() {
  const { path } = usePlace();
  const state = /^\/country\/([A-Z]{3})/.exec(path)?.[1];
  return state ? <KnownCountry key={state} state={state} /> : <AllStates />;
}

/** Which States there are is asked at the same time as the page: at a first visit nothing waits for it. */
function KnownCountry({ state }: { state: string }) {
  const { language } = useTexts();
  const names = useNames('state', language);
  const asked = useAnswer(`States ${language}`, () => namesOf('state', language));
  // While another language's names come, those of the one before say as well which States there are.
  const list = names.list.length > 0 ? names.list : (asked.value?.list ?? []);
  if (list.length === 0) {
    return asked.failure ? <FailureNotice failure={asked.failure} reload={asked.reload} /> : <Country state={state} named={false} />;
  }
  return list.some(({ code }) => code === state) ? <Country state={state} named /> : <NoSuchState code={state} />;
}

function NoSuchState({ code }: { code: string }) {
  const { t } = useTexts();
  usePageTitle(t('failure.not-found.title'));
  return (
    <div className="stack">
      <h1>{t('failure.not-found.title')}</h1>
      <p>{t('country.noSuch', { code })}</p>
      <p>
        <Link href="/country">{t('navigation.country')}</Link>
      </p>
    </div>
  );
}

function AllStates() {
  const { t } = useTexts();
  usePageTitle(t('navigation.country'));
  return (
    <>
      <h1>{t('country.all')}</h1>
      <p className="scope">{t('country.allText')}</p>
      <div className="section">
        <StateTiles />
      </div>
    </>
  );
}

interface Tables {
  items: Matrix;
  rounds: Matrix;
  open: Matrix; // what was asked and left unanswered, by round
  group: string;
  subregion: string;
}

const nameWithOne = (matrix: Matrix): string => matrix.rows.find((row) => isThere(row.total))?.name ?? '';

// Five questions at once: the API has no one answer for a State. They are small, and one connection takes them.
async function askTables(common: Omit<Ask, 'rows'>, where: Condition[], signal: AbortSignal): Promise<Tables> {
  const anyState: Condition = { dimension: 'need_state', values: needStates };
  const ask = (more: Pick<Ask, 'rows' | 'columns' | 'where'>) => askMatrix({ ...common, ...more }, signal);
  const [items, rounds, open, group, subregion] = await Promise.all([
    ask({ rows: 'provision', columns: 'need_state', where }),
    ask({ rows: 'article', columns: 'round', where }),
    ask({ rows: 'article', columns: 'round', where: [...where, { dimension: 'need_state', values: ['NOT_ANSWERED'] }] }),
    ask({ rows: 'regional_group', where: [...where, anyState] }),
    ask({ rows: 'subregion', where: [...where, anyState] }),
  ]);
  return { items, rounds, open, group: nameWithOne(group), subregion: nameWithOne(subregion) };
}

function Country({ state, named }: { state: string; named: boolean }) {
  const { t, language, format } = useTexts();
  const { search } = usePlace();
  const session = useSession();
  const states = useNames('state', language);
  const name = states.of(state);
  usePageTitle(named ? name : '');

  const query = new URLSearchParams(search);
  const own = session.role === 'focal_point' && session.state === state;
  const readsAll = readsAllOf(session, state);
  const reader = readsAll ? (query.get('as') ?? '') : '';
  const [versionTokens, setVersionTokens] = useState<string[]>([]);
  const where = useMemo<Condition[]>(() => [{ dimension: 'state', values: [state] }], [state]);
  const common = { language, reader, versionTokens };

  const tables = useAnswer(
    `country ${state} ${matrixKey({ rows: 'provision', where, ...common })}`,
    (signal) => withNames(language, ['chapter', 'article'], askTables(common, where, signal)),
    reader,
  );
  const needs = useAnswer(
    JSON.stringify(['country needs', state, common]),
    (signal) => withNames(language, ['provision', 'type'], askNeeds({ where, ...common, pageSize: 10_000 }, signal)),
    reader,
  );
  const sharing = useAnswer(readsAll && !reader ? `sharing ${state} ${versionTokens.join()}` : '', (signal) =>
    listSharing(state, signal),
  );
  const reload = () => {
    tables.reload();
    needs.reload();
    if (readsAll && !reader) sharing.reload();
  };
  const exercise = (needs.value?.exercise ?? false) || (tables.value?.items.exercise ?? false);
  useExerciseNote(exercise);

  const chapters = useMemo(() => (tables.value ? byChapter(tables.value.items) : []), [tables.value]);
  const total = sum(chapters);
  const failure = tables.failure ?? needs.failure ?? sharing.failure;
  // How high a table will be is not known before it comes. So all come at once, in place of something higher
  // than the window: one after the other they would push those below.
  const coming = !failure && (!tables.value || !needs.value || (readsAll && !reader && !sharing.value));
  const list = needs.value?.needs ?? [];
  const provisions = new Set(list.map((need) => need.provision)).size;

  if (!named) return <SkeletonRows rows={30} columns={4} />;
  return (
    <>
      <p className="crumbs">
        <Link href="/country">{t('navigation.country')}</Link>
        {tables.value?.group ? ` / ${tables.value.group}` : '\u00a0'}
      </p>
      <div className="titlebar">
        <h1>
          {name} {own && <span className="tag dashed">{t('country.own')}</span>}
        </h1>
        {readsAll && (
          <SeeAs
            own={own ? name : t('reader.secretariat')}
            named={[...new Set(sharing.value?.flatMap((decision) => decision.named) ?? [])].sort()}
            reader={reader}
            choose={(as) => {
              go(`/country/${state}${as ? `?as=${encodeURIComponent(as)}` : ''}`, true);
            }}
          />
        )}
      </div>
      <p className="country-changes">
        <NewChanges position={needs.value?.position ?? ''} state={state} reload={reload} gone={reload} />
      </p>
      {!coming && (
        <dl className="facts">
          <Fact name={t('dimension.regional_group')} value={tables.value?.group} />
          <Fact name={t('dimension.subregion')} value={tables.value?.subregion} />
          <Fact
            name={t('country.rounds')}
            value={tables.value && (format.list(tables.value.rounds.columns.map((column) => column.name)) || t('country.noRounds'))}
          />
          <Fact name={t('country.needs')} value={needs.value && t('country.needsIn', { needs: list.length, provisions })} />
        </dl>
      )}
      {reader && (
        <Notice kind="info" icon="eye" title={t('country.seeAs.notice', { reader: readerName(reader, t('reader.anonymous'), t('audience.PROVIDERS'), t) })}>
          <p>{t('country.seeAs.text')}</p>
        </Notice>
      )}
      {failure && <FailureNotice failure={failure} reload={tables.failure ? tables.reload : needs.failure ? needs.reload : sharing.reload} />}
      {coming ? (
        <SkeletonRows rows={40} columns={5} />
      ) : (
        <>
          <div className={readsAll && !reader ? 'two-columns wide-rail country' : 'country'}>
            <div className="stack country-answers">
              <section aria-labelledby="chapters">
                <div className="section-head">
                  <div>
                    <h2 id="chapters">{t('country.chapters.title')}</h2>
                    <p>
                      {total.counts.WITHHELD > 0
                        ? t('country.chapters.withheld', { count: total.counts.WITHHELD, all: total.all })
                        : t('country.chapters.text')}
                    </p>
                  </div>
                </div>
                {tables.value ? <ChapterTable lines={chapters} total={total} /> : <SkeletonRows rows={6} columns={5} />}
              </section>
              <section aria-labelledby="rounds">
                <div className="section-head">
                  <div>
                    <h2 id="rounds">{t('country.roundsTable.title')}</h2>
                    <p>{t('country.roundsTable.text')}</p>
                  </div>
                </div>
                {tables.value && needs.value ? (
                  <RoundsTable answers={tables.value.rounds} open={tables.value.open} needs={list} />
                ) : (
                  <SkeletonRows rows={15} columns={4} />
                )}
              </section>
            </div>
            {readsAll && !reader && (
              <SharingPanel
                state={state}
                name={name}
                own={own}
                decisions={sharing.value}
                needs={list}
                changed={(token) => setVersionTokens((before) => [...before, token])}
              />
            )}
          </div>
          <NeedsTable
            state={state}
            answer={needs.value}
            failed={needs.failure !== undefined}
            common={common}
            open={query.get('need') ?? ''}
            withAudience={readsAll}
            at={needs.at}
          />
        </>
      )}
    </>
  );
}

function Fact({ name, value }: { name: string; value: string | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value ?? '\u00a0'}</dd>
    </div>
  );
}

function readerName(reader: string, anybody: string, providers: string, t: ReturnType<typeof useTexts>['t']): string {
  if (reader === 'public') return anybody;
  const organization = reader.replace(/^provider:/, '');
  return organization === 'ALL-PROVIDERS' ? providers : t('reader.provider', { organization });
}
