// Need states of one State's provisions, from tables of the matrix.
import { type NeedState, needStates } from '../../address/dimensions';
import { type Chapter, chapterOf, chapters, items } from '../../address/provision';
import type { Matrix, Row } from '../../api/matrix';

export type Counts = Record<NeedState, number>;

export const noCounts = (): Counts => ({ STATED: 0, NONE_STATED: 0, NOT_ANSWERED: 0, WITHHELD: 0, NOT_ASKED: 0 });

/** Of a row of a table by need state: the one whose column holds the State. */
export function stateOfRow(row: Row, columns: Matrix['columns']): NeedState {
  const at = row.figures.findIndex(({ value }) => value > 0);
  const code = columns[at]?.code;
  const found = needStates.find((state) => state === code);
  return found ?? (row.figures.some(({ withheld }) => withheld) ? 'WITHHELD' : 'NOT_ANSWERED');
}

/** Items of the comprehensive checklist by chapter; an article with paragraphs is no item itself. */
export function byChapter(matrix: Matrix): { chapter: Chapter; counts: Counts; all: number }[] {
  const found = new Set(items(matrix.rows.map(({ code }) => code)));
  const result = chapters.map((chapter) => ({ chapter, counts: noCounts(), all: 0 }));
  for (const row of matrix.rows) {
    if (!found.has(row.code)) continue;
    const line = result.find(({ chapter }) => chapter === chapterOf(row.code));
    if (!line) continue;
    line.counts[stateOfRow(row, matrix.columns)] += 1;
    line.all += 1;
  }
  return result;
}

export function sum(lines: readonly { counts: Counts; all: number }[]): { counts: Counts; all: number } {
  const counts = noCounts();
  for (const line of lines) for (const state of needStates) counts[state] += line.counts[state];
  return { counts, all: lines.reduce((all, line) => all + line.all, 0) };
}

/**
 * Of an article in a round: stated if any of its items is, else answered if any is.
 * @param open the same table of what was asked and left unanswered
 */
export function stateInRound(answers: Matrix, open: Matrix, row: number, column: number): NeedState {
  const figure = answers.rows[row]?.figures[column];
  if (!figure || figure.withheld) return 'WITHHELD';
  if (figure.value > 0) return 'STATED';
  if (figure.base > 0) return 'NONE_STATED';
  // Of an article whose paragraphs one checklist asks about and another as a whole, one of the two is never asked.
  return (open.rows[row]?.figures[column]?.value ?? 0) > 0 ? 'NOT_ANSWERED' : 'NOT_ASKED';
}
