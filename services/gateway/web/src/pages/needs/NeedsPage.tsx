// Needs by article and group: the home of the secretariat, of providers and of the public.
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { exportLink, mayBeSwapped, type Question, readQuestion, slipsOf, swapped, withCondition, writeQuestion } from '../../address/question';
import { go, usePlace } from '../../address/router';
import { useAnswer } from '../../api/answer';
import { askMatrix, askOf, type Figure, type Matrix, matrixKey } from '../../api/matrix';
import { useNames, withNames } from '../../api/names';
import { useSession } from '../../api/session';
import { CopyLink } from '../../parts/CopyLink';
import { FailureNotice } from '../../parts/FailureNotice';
import { Icon } from '../../parts/Icon';
import { Link } from '../../parts/Link';
import { Menu } from '../../parts/Menu';
import { NearView } from '../../parts/NearView';
import { NeedLegend } from '../../parts/NeedLegend';
import { NewChanges } from '../../parts/NewChanges';
import { Notice } from '../../parts/Notice';
import { ReaderScope } from '../../parts/ReaderScope';
import { ScrollRegion } from '../../parts/ScrollRegion';
import { Segmented } from '../../parts/Segmented';
import { SkeletonRows } from '../../parts/Skeleton';
import { useExerciseNote } from '../../parts/exercise';
import { usePageTitle } from '../../parts/usePageTitle';
import { useToday } from '../../parts/useToday';
import { useWidth } from '../../parts/useWidth';
import { useTexts } from '../../texts/useTexts';
import { AsOfTrack } from './AsOfTrack';
import { stopsFrom } from './asOfStops';
import { CellPanel } from './CellPanel';
import { Figures } from './Figures';
import type { CellPlace } from './FigureCell';
import { columnChoices, MatrixTable } from './MatrixTable';
import { askUpTo } from './askNeedStates';
import { combine, hasBars } from './needStates';
import { QuestionLine } from './QuestionLine';
import './needs.css';

const none: readonly [] = [];
const Pictures = lazy(() => import('./Pictures'));

/** What a cell is a figure of; null where the table does not have that row or column (any more). */
function figureAt(matrix: Matrix, { row, column }: CellPlace): Figure | undefined {
  const at = matrix.columns.findIndex(({ code }) => code === column);
  if (row === null) return column === null ? matrix.total : matrix.columnTotals[at];
  const found = matrix.rows.find(({ code }) => code === row);
  return column === null ? found?.total : found?.figures[at];
}

export default function NeedsPage() {
  const { search } = usePlace();
  const slips = useMemo(() => slipsOf(new URLSearchParams(search)), [search]);
  return slips.length > 0 ? <NotUnderstood search={search} slips={slips} /> : <Asked />;
}

/** An answer to what is left of the address would pass for the answer to all of it. */
function NotUnderstood({ search, slips }: { search: string; slips: readonly string[] }) {
  const { t } = useTexts();
  const rest = `/?${writeQuestion(readQuestion(new URLSearchParams(search)))}`.replace(/\?$/, '');
  usePageTitle(t('page.needs'));
  return (
    <div className="stack">
      <h1>{t('page.needs')}</h1>
      <Notice kind="error" title={t('question.slip.title')} live>
        <p>{t('question.slip.text', { count: slips.length })}</p>
        <ul className="plain-list">
          {slips.map((slip) => (
            <li key={slip}>
              <bdi className="code">{slip}</bdi>
            </li>
          ))}
        </ul>
        <p>
          <Link href={rest}>{t('question.slip.rest')}</Link>
        </p>
      </Notice>
    </div>
  );
}

function Asked() {
  const { t, language, format } = useTexts();
  const { search } = usePlace();
  const session = useSession();
  const width = useWidth();
  const wide = width === 'wide';
  const today = useToday();
  const question = useMemo(() => readQuestion(new URLSearchParams(search)), [search]);
  // Each question is a step of its own, so that the way back leads to the one before.
  const ask = useCallback((next: Question) => go(`/?${writeQuestion(next)}`.replace(/\?$/, '')), []);
  const chooseDay = useCallback(
    (asOf: string) => {
      ask({ ...readQuestion(new URLSearchParams(location.search)), asOf });
    },
    [ask],
  );
  usePageTitle(t('page.needs'));

  const asked = askOf(question, language);
  const byChapter = question.rows === 'article' || question.rows === 'provision';
  // With its question: while another one is asked, or cannot be, the table must not be read as its answer.
  const answer = useAnswer(matrixKey(asked), async (signal) => ({ question, matrix: await withNames(language, byChapter ? ['chapter'] : [], askMatrix(asked, signal)) }));
  const matrix = answer.value?.matrix;
  const answered = answer.value?.question ?? question;
  const before = matrixKey(askOf(answered, language)) !== matrixKey(asked);
  useExerciseNote(matrix?.exercise ?? false);

  // How many answered in each round; the same for every day that is asked for.
  const roundsAsk = { rows: 'round' as const, where: withCondition(question.where, 'round', []), language };
  const rounds = useAnswer(matrixKey(roundsAsk), (signal) => askMatrix(roundsAsk, signal));

  // In the same turn as the table, so that all three are one request.
  const barsKey = hasBars(question.rows, question.measure, question.where) ? `bars ${matrixKey(asked)}` : '';
  const barsAnswer = useAnswer(barsKey, async (signal) => ({
    key: barsKey,
    upTo: await askUpTo(question.rows, question.where, question.asOf, language, signal),
  }));
  const withBars = hasBars(answered.rows, answered.measure, answered.where);
  // Bars of another table would be wrong beside this one.
  const upTo = barsAnswer.value?.key === `bars ${matrixKey(askOf(answered, language))}` ? barsAnswer.value.upTo : undefined;
  const bars = useMemo(() => (matrix && withBars && upTo ? combine(matrix, upTo) : undefined), [matrix, withBars, upTo]);
  const reload = () => {
    answer.reload();
    barsAnswer.reload();
  };

  const chapterNames = useNames('chapter', language);
  const stops = useMemo(
    () => stopsFrom(Number(rounds.value?.rows[0]?.code ?? 2007), today),
    [rounds.value, today],
  );

  const [column, setColumn] = useState('');
  const [place, setPlace] = useState<CellPlace>();
  const shownColumn = matrix?.columns.some(({ code }) => code === column) ? column : '';
  const figure = matrix && place ? figureAt(matrix, place) : undefined;
  const many = (matrix?.columns.length ?? 0) > 7;
  const barsShown = withBars && !many && width !== 'narrow';
  const table = matrix && (
    <MatrixTable
      question={answered}
      matrix={matrix}
      chapterNames={chapterNames}
      bars={barsShown ? bars : undefined}
      withBars={barsShown}
      column={shownColumn}
      wide={wide}
      current={place}
      open={setPlace}
    />
  );

  return (
    <>
      <QuestionLine question={question} ask={ask} stops={stops} rounds={rounds.value?.rows ?? none} today={today} answered={matrix !== undefined} />
      <ReaderScope session={session} />
      <section className="overview" aria-label={t('page.needs')}>
        <Figures matrix={matrix} question={answered} />
        <AsOfTrack stops={stops} asOf={question.asOf} today={today} rounds={rounds.value} choose={chooseDay} />
      </section>
      {/* That the line is gone the page says at its foot, and goes on by itself. */}
      {answer.failure && !(matrix && answer.failure.kind === 'offline') && <FailureNotice failure={answer.failure} reload={reload} />}
      <div className="above-table">
        {withBars ? <NeedLegend here={bars?.here} /> : <span />}
        <div className="links">
          <NewChanges position={matrix?.position ?? ''} reload={reload} />
          {mayBeSwapped(question) && (
            <button type="button" className="link" onClick={() => ask(swapped(question))}>
              <Icon name="swap" />
              {t('matrix.swap')}
            </button>
          )}
          <CopyLink />
          <Menu
            label={t('export.download')}
            icon="download"
            links={[
              { href: exportLink(question, 'csv', language), label: t('export.csv') },
              { href: exportLink(question, 'xlsx', language), label: t('export.xlsx') },
            ]}
          />
        </div>
      </div>
      {matrix && !wide && matrix.columns.length > 0 && (
        <div className="column-choice">
          <Segmented
            name={t(`dimension.${answered.columns || 'article'}`)}
            choices={columnChoices(matrix, t(`matrix.allOf.${answered.columns || 'article'}`))}
            chosen={shownColumn}
            choose={setColumn}
          />
        </div>
      )}
      {before && answer.failure && <p className="small strong">{t('matrix.before')}</p>}
      <div className={answer.loading && matrix ? 'answer waiting' : 'answer'} aria-busy={answer.loading || barsAnswer.loading}>
        {!matrix && !answer.failure && <SkeletonRows rows={16} columns={6} />}
        {many ? (
          <ScrollRegion name={t('page.needs')} className="both">
            {table}
          </ScrollRegion>
        ) : (
          table
        )}
      </div>
      {matrix && (
        <div className="below-table">
          <p>
            {t('matrix.reads.figure')} {t('matrix.reads.withheld')} {t('matrix.reads.blank')}
          </p>
          <p className="source">
            {[
              ...(matrix.exercise ? [t('source.exercise')] : []),
              t('source.asOf', { day: format.day(matrix.asOf) }),
              ...(answer.at ? [t('source.answered', { time: format.clock(answer.at) })] : []),
            ].join(' · ')}
          </p>
        </div>
      )}
      {matrix && (
        <NearView height={900}>
          <Suspense fallback={<SkeletonRows rows={10} columns={3} />}>
            <Pictures question={answered} asOf={matrix.asOf} exercise={matrix.exercise} />
          </Suspense>
        </NearView>
      )}
      {matrix && place && figure && (
        <CellPanel
          question={answered}
          place={place}
          figure={figure}
          rowName={rowTitle(matrix, answered, place, t(`matrix.anyOf.${answered.rows}`, { count: matrix.rows.length }))}
          columnName={matrix.columns.find(({ code }) => code === place.column)?.name ?? ''}
          close={() => setPlace(undefined)}
        />
      )}
    </>
  );
}

function rowTitle(matrix: Matrix, question: Question, { row }: CellPlace, any: string): string {
  const found = matrix.rows.find(({ code }) => code === row);
  if (!found) return any;
  return question.rows === 'article' || question.rows === 'provision' ? `${found.code.replace(/^.*\//, '')} ${found.name}` : found.name;
}
