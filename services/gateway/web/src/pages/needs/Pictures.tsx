// The same question in pictures. Fetched with ECharts when the reader comes near them.
import { useCallback } from 'react';
import { coverages } from '../../address/dimensions';
import { type Question, withCondition } from '../../address/question';
import { useAnswer } from '../../api/answer';
import { askMatrix, type Matrix, matrixKey } from '../../api/matrix';
import { Chart } from '../../charts/Chart';
import { ChartFigure, NumbersTable } from '../../charts/ChartFigure';
import { bars } from '../../charts/options';
import { FailureNotice } from '../../parts/FailureNotice';
import { NeedMark } from '../../parts/marks';
import { SkeletonRows } from '../../parts/Skeleton';
import { StateTiles } from '../../parts/StateTiles';
import { useWidth } from '../../parts/useWidth';
import { useTexts } from '../../texts/useTexts';
import '../../charts/charts.css';

interface Props {
  question: Question;
  asOf: string;
  exercise: boolean;
}

// Of two lines of a label; of four where they are short.
const useRowHeight = (): number => (useWidth() === 'narrow' ? 52 : 36);

export default function Pictures({ question, asOf, exercise }: Props) {
  const { t, language, format } = useTexts();
  const { where } = question;
  const typesAsk = { rows: 'type', columns: 'chapter', measure: 'needs_stated', where, asOf: question.asOf, language } as const;
  const types = useAnswer(matrixKey(typesAsk), (signal) => askMatrix(typesAsk, signal));
  const roundsAsk = {
    rows: 'regional_group',
    columns: 'round',
    where: withCondition(where, 'round', []),
    asOf: question.asOf,
    language,
  } as const;
  const rounds = useAnswer(matrixKey(roundsAsk), (signal) => askMatrix(roundsAsk, signal));
  const source = [...(exercise ? [t('source.exercise')] : []), t('source.asOf', { day: format.day(asOf) })].join(' · ');
  const failed = types.failure ?? rounds.failure;

  return (
    <section className="section" aria-labelledby="pictures">
      <h2 id="pictures">{t('pictures.title')}</h2>
      {failed && <FailureNotice failure={failed} reload={types.failure ? types.reload : rounds.reload} />}
      <div className="figures-grid">
        {types.value ? (
          <>
            <TypesByChapter matrix={types.value} source={source} />
            <CoverageByChapter matrix={types.value} source={source} />
          </>
        ) : (
          <SkeletonRows rows={11} columns={4} />
        )}
        {rounds.value ? <Rounds matrix={rounds.value} source={source} /> : <SkeletonRows rows={5} columns={4} />}
        <StateTiles />
      </div>
    </section>
  );
}

/** Withheld stays a word in tables of numbers too. */
const shownValue = (withheld: boolean, value: number, word: string): number | string => (withheld ? word : value);

function TypesByChapter({ matrix, source }: { matrix: Matrix; source: string }) {
  const { t } = useTexts();
  const rowHeight = useRowHeight();
  const title = t('pictures.types.title');
  return (
    <ChartFigure
      title={title}
      subtitle={t('pictures.types.subtitle')}
      source={source}
      chart={
        <div className="multiples">
          <ul className="row-labels" aria-hidden="true">
            {matrix.rows.map(({ code, name }) => (
              <li key={code} style={{ blockSize: rowHeight }}>
                {name}
              </li>
            ))}
          </ul>
          {matrix.columns.map(({ code, name }, at) => (
            <div key={code} className="multiple">
              <h4>
                <bdi title={name}>{code}</bdi>
              </h4>
              <TypesOfChapter matrix={matrix} at={at} name={`${code} ${name}`} />
            </div>
          ))}
        </div>
      }
      table={
        <NumbersTable
          caption={title}
          corner={t('dimension.type')}
          columns={matrix.columns.map(({ code, name }) => `${code} ${name}`)}
          rows={matrix.rows.map((row) => ({
            name: row.name,
            values: row.figures.map((figure) => shownValue(figure.withheld, figure.value, t('cell.allWithheld'))),
          }))}
        />
      }
    />
  );
}

function TypesOfChapter({ matrix, at, name }: { matrix: Matrix; at: number; name: string }) {
  const { t, format } = useTexts();
  const rowHeight = useRowHeight();
  const most = Math.max(1, ...matrix.rows.flatMap((row) => row.figures.map(({ value }) => value)));
  const option = useCallback(
    (rtl: boolean) =>
      bars({
        categories: matrix.rows.map((row) => row.name),
        series: [{ name: t('measure.short.needs_stated'), style: 'STATED', values: matrix.rows.map((row) => row.figures[at]?.value ?? 0) }],
        most,
        rtl,
        format: format.number,
        lying: true,
      }),
    [matrix, at, most, t, format],
  );
  return <Chart sentence={t('pictures.types.sentence', { chapter: name })} height={matrix.rows.length * rowHeight} option={option} />;
}

const chapterHeight = 44;

// Until projects are recorded the service knows one coverage: whatever is stated is unaddressed.
function CoverageByChapter({ matrix, source }: { matrix: Matrix; source: string }) {
  const { t, format } = useTexts();
  const title = t('pictures.coverage.title');
  const values = matrix.columnTotals.map(({ value }) => value);
  const option = useCallback(
    (rtl: boolean) =>
      bars({
        categories: matrix.columns.map(({ code, name }) => `${code} ${name}`),
        series: [{ name: t('coverage.UNADDRESSED'), style: 'UNADDRESSED', values: matrix.columnTotals.map(({ value }) => value) }],
        most: Math.max(1, ...matrix.columnTotals.map(({ value }) => value)),
        rtl,
        format: format.number,
        lying: true,
      }),
    [matrix, t, format],
  );
  return (
    <ChartFigure
      title={title}
      subtitle={t('pictures.coverage.subtitle')}
      source={`${source} · ${t('pictures.coverage.only')}`}
      chart={
        <div className="stack tight">
          <ul className="legend">
            {coverages.map((coverage, at) => (
              <li key={coverage} className={at > 0 ? 'none-here' : ''}>
                <svg className="mark" viewBox="0 0 12 12" aria-hidden="true">
                  <rect x=".5" y=".5" width="11" height="11" className={`coverage-${coverage}`} />
                </svg>
                {at > 0 ? t('needState.noneHere', { state: t(`coverage.${coverage}`) }) : t(`coverage.${coverage}`)}
              </li>
            ))}
          </ul>
          <div className="multiples by-chapter">
            <ul className="row-labels" aria-hidden="true">
              {matrix.columns.map(({ code, name }) => (
                <li key={code} style={{ blockSize: chapterHeight }}>
                  <b>
                    <bdi>{code}</bdi>
                  </b>{' '}
                  {name}
                </li>
              ))}
            </ul>
            <div className="multiple">
              <Chart sentence={t('pictures.coverage.sentence')} height={matrix.columns.length * chapterHeight} option={option} />
            </div>
          </div>
        </div>
      }
      table={
        <NumbersTable
          caption={title}
          corner={t('dimension.chapter')}
          columns={[t('coverage.UNADDRESSED')]}
          rows={matrix.columns.map(({ code, name }, at) => ({
            name: `${code} ${name}`,
            values: [shownValue(matrix.columnTotals[at]?.withheld ?? false, values[at] ?? 0, t('cell.allWithheld'))],
          }))}
        />
      }
    />
  );
}

function Rounds({ matrix, source }: { matrix: Matrix; source: string }) {
  const { t } = useTexts();
  const title = t('pictures.rounds.title');
  return (
    <ChartFigure
      full
      title={title}
      subtitle={t('pictures.rounds.subtitle')}
      source={source}
      chart={
        <div className="stack tight">
          <ul className="legend">
            {(['STATED', 'NONE_STATED'] as const).map((state) => (
              <li key={state}>
                <NeedMark state={state} />
                {t(`needState.${state}`)}
              </li>
            ))}
          </ul>
          <div className="panels">
            {matrix.rows.map((row, at) => (
              <div key={row.code}>
                <h4>{row.name}</h4>
                <RoundsOfGroup matrix={matrix} at={at} />
              </div>
            ))}
          </div>
        </div>
      }
      table={
        <NumbersTable
          caption={title}
          corner={t('dimension.regional_group')}
          columns={matrix.columns.map(({ name }) => name)}
          rows={matrix.rows.map((row) => ({
            name: row.name,
            values: row.figures.map((figure) =>
              figure.withheld ? t('cell.allWithheld') : t('cell.valueOfBase', { value: figure.value, base: figure.base }),
            ),
          }))}
        />
      }
    />
  );
}

function RoundsOfGroup({ matrix, at }: { matrix: Matrix; at: number }) {
  const { t, format } = useTexts();
  const row = matrix.rows[at];
  const most = Math.max(1, ...matrix.rows.flatMap((one) => one.figures.map(({ base }) => base)));
  const option = useCallback(
    (rtl: boolean) =>
      bars({
        categories: matrix.columns.map(({ name }) => name),
        series: [
          { name: t('needState.STATED'), style: 'STATED', values: row?.figures.map(({ value }) => value) ?? [] },
          { name: t('needState.NONE_STATED'), style: 'NONE_STATED', values: row?.figures.map(({ value, base }) => base - value) ?? [] },
        ],
        most,
        rtl,
        format: format.number,
        lying: false,
      }),
    [matrix, row, most, t, format],
  );
  return <Chart sentence={t('pictures.rounds.sentence', { group: row?.name ?? '' })} height={150} option={option} />;
}
