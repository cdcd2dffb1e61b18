// Which group a State is in, told by a table that has the groups on one side.
import type { Figure, Matrix } from '../api/matrix';

export interface Group {
  code: string;
  name: string;
  states: { code: string; name: string }[];
}

/** Whether any answer of the State lies there, also where the reader may see nothing of it. */
export const isThere = (figure: Figure | undefined): boolean =>
  figure !== undefined && (figure.withheld || figure.value > 0 || figure.withheldCells > 0);

/** Of a table of States by group. A State that shares nothing with the reader stands with all others. */
export function groupsOf(matrix: Matrix): Group[] {
  return matrix.columns
    .map(({ code, name }, at) => ({
      code,
      name,
      states: matrix.rows.filter((row) => isThere(row.figures[at])).map((row) => ({ code: row.code, name: row.name })),
    }))
    .filter(({ states }) => states.length > 0);
}
