// The table itself: rows in treaty, definition or name order as the API gives them, figures to the end,
// totals last. Chapters span their articles. On a narrow screen one column, which the reader picks.
import { memo } from 'react';
import { type Chapter, chapterOf, numberOf } from '../../address/provision';
import type { Question } from '../../address/question';
import type { Figure, Matrix, Row } from '../../api/matrix';
import type { Names } from '../../api/names';
import { Link } from '../../parts/Link';
import { StateBar } from '../../parts/StateBar';
import { useTexts } from '../../texts/useTexts';
import { type CellPlace, FigureCell } from './FigureCell';
import type { NeedStates, Parts } from './needStates';

interface Props {
  question: Question;
  matrix: Matrix;
  chapterNames: Names;
  bars: NeedStates | undefined;
  withBars: boolean; // keeps their place while they come
  column: string; // the one that a narrow screen shows; empty: all
  wide: boolean;
  current: CellPlace | undefined;
  open: (place: CellPlace) => void;
}

interface Block {
  chapter: Chapter | undefined;
  rows: Row[];
}

/** Rows of one chapter after the other; rows of anything else are one block. */
function blocks(rows: readonly Row[], byChapter: boolean): Block[] {
  if (!byChapter) return [{ chapter: undefined, rows: [...rows] }];
  const found: Block[] = [];
  for (const row of rows) {
    const chapter = chapterOf(row.code);
    const last = found.at(-1);
    if (last && last.chapter === chapter) last.rows.push(row);
    else found.push({ chapter, rows: [row] });
  }
  return found;
}

// The page around it changes often while it comes together; the table only with its own figures.
export const MatrixTable = memo(function MatrixTable(props: Props) {
  const { question, matrix, chapterNames, bars, withBars, column, wide, current, open } = props;
  const { t, format } = useTexts();
  const byChapter = question.rows === 'article' || question.rows === 'provision';
  const { measure } = question;

  const shown = wide ? matrix.columns.map((_, at) => at) : matrix.columns.flatMap(({ code }, at) => (code === column ? [at] : []));
  const withTotal = matrix.columns.length === 0 || wide || shown.length === 0;
  const withBar = withBars && (wide || shown.length === 0);
  const leading = byChapter ? (wide ? 3 : 2) : 1;
  const width = leading + shown.length + (withTotal ? 1 : 0) + (withBar ? 1 : 0);
  const isCurrent = (row: string | null, at: string | null) => current?.row === row && current.column === at;
  // A figure by its codes; null: of all rows or all columns. `where` says it in words.
  const cell = (figure: Figure, where: string, row: string | null, at: string | null) => (
    <FigureCell figure={figure} measure={measure} where={where} current={isCurrent(row, at)} row={row} column={at} open={open} />
  );
  const rowName = (row: Row) => (byChapter ? `${numberOf(row.code)} ${row.name}` : row.name);

  return (
    <table className={`matrix ${byChapter ? 'by-chapter' : ''} columns-${Math.min(matrix.columns.length, 9)}`}>
      <caption className="unseen">{t('matrix.caption', { asOf: format.day(matrix.asOf) })}</caption>
      <colgroup>
        {byChapter && wide && <col className="c-chapter" />}
        {byChapter && <col className="c-number" />}
        <col className="c-name" />
        {shown.map((at) => (
          <col key={at} className="c-figure" />
        ))}
        {withTotal && <col className="c-total" />}
        {withBar && <col className="c-bar" />}
      </colgroup>
      <thead>
        <tr>
          {byChapter && wide && <th scope="col">{t('dimension.chapter')}</th>}
          <th scope="col" colSpan={byChapter ? 2 : 1} className={byChapter ? 'over-name' : ''}>
            {t(`dimension.${question.rows}`)}
          </th>
          {shown.map((at) => (
            <th key={at} scope="col" className="number">
              {matrix.columns[at]?.name}
            </th>
          ))}
          {withTotal && (
            <th scope="col" className="number total">
              {matrix.columns.length ? t(`matrix.allOf.${question.columns || 'article'}`) : t(`measure.short.${measure}`)}
            </th>
          )}
          {withBar && (
            <th scope="col" className="bar-head">
              {t('matrix.bars', { count: bars?.states ?? 0 })}
              <span className="axis" aria-hidden="true">
                <span>0</span>
                <span>{bars ? format.number(bars.states) : ''}</span>
              </span>
            </th>
          )}
        </tr>
      </thead>
      {blocks(matrix.rows, byChapter).map((block) => (
        <tbody key={block.chapter ?? ''}>
          {!wide && block.chapter && (
            <tr className="band">
              <th colSpan={width} scope="rowgroup">
                <bdi>{block.chapter}</bdi> {chapterNames.of(block.chapter)}
              </th>
            </tr>
          )}
          {block.rows.map((row, at) => (
            <tr key={row.code}>
              {byChapter && wide && at === 0 && (
                <th className="chapter" scope="rowgroup" rowSpan={block.rows.length}>
                  {block.chapter && (
                    <span>
                      <b>
                        <bdi>{block.chapter}</bdi>
                      </b>
                      {chapterNames.of(block.chapter)}
                    </span>
                  )}
                </th>
              )}
              {byChapter && (
                <td className="provision-number">
                  <bdi>{numberOf(row.code)}</bdi>
                </td>
              )}
              <th scope="row" className="name">
                {question.rows === 'state' ? <Link href={`/country/${row.code}`}>{row.name}</Link> : row.name}
              </th>
              {shown.map((column) => {
                const header = matrix.columns[column];
                const figure = row.figures[column];
                return (
                  <td key={column} className="figure-cell">
                    {header && figure && cell(figure, `${rowName(row)}, ${header.name}`, row.code, header.code)}
                  </td>
                );
              })}
              {withTotal && (
                <td className="figure-cell total">{cell(row.total, rowName(row), row.code, null)}</td>
              )}
              {withBar && <BarCell parts={bars?.rows.get(row.code)} whole={bars?.states ?? 0} />}
            </tr>
          ))}
        </tbody>
      ))}
      <tfoot>
        <tr>
          <th scope="row" colSpan={leading}>
            {t(`matrix.anyOf.${question.rows}`, { count: matrix.rows.length })}
            <small>{measure === 'needs_stated' ? t('matrix.needsOnce') : t('matrix.statesOnce')}</small>
          </th>
          {shown.map((at) => {
            const header = matrix.columns[at];
            const figure = matrix.columnTotals[at];
            return (
              <td key={at} className="figure-cell">
                {header && figure && cell(figure, header.name, null, header.code)}
              </td>
            );
          })}
          {withTotal && (
            <td className="figure-cell total">{cell(matrix.total, t('matrix.all'), null, null)}</td>
          )}
          {withBar && <BarCell parts={bars?.total} whole={bars?.states ?? 0} />}
        </tr>
      </tfoot>
    </table>
  );
});

function BarCell({ parts, whole }: { parts: Parts | undefined; whole: number }) {
  const { t } = useTexts();
  return <td className="bar-cell">{parts && <StateBar parts={parts} whole={whole} label={t('matrix.barLabel', parts)} />}</td>;
}

/** For choosing the column that a narrow screen shows. */
export function columnChoices(matrix: Matrix, all: string): { value: string; label: string }[] {
  return [{ value: '', label: all }, ...matrix.columns.map(({ code, name }) => ({ value: code, label: name }))];
}

