// The bar beside a row: every State of the question once, in the first of these that holds for it:
// states a need · answered without one · asked, not answered · not in its checklist · nothing of it to
// be seen. The matrix counts a State in each state that one of its provisions is in, so the parts come
// from differences of three questions that each take one state more.
import { type Dimension, type NeedState, needStates } from '../../address/dimensions';
import type { Matrix } from '../../api/matrix';
import type { Condition } from '../../address/question';

export type Parts = Record<NeedState, number>;

export interface NeedStates {
  rows: Map<string, Parts>;
  total: Parts;
  here: Set<NeedState>; // that any row or the total has
  states: number; // all States of the question: the length of the longest bar
}

export function partsOf(stated: number, respondents: number, answered: number, asked: number, all: number): Parts {
  return {
    STATED: stated,
    NONE_STATED: Math.max(0, respondents - stated),
    NOT_ANSWERED: Math.max(0, answered - respondents),
    NOT_ASKED: Math.max(0, asked - answered),
    WITHHELD: Math.max(0, all - asked),
  };
}

/** States in any of the first three need states, of the first four, of all. */
export interface UpTo {
  answered: Matrix | undefined;
  asked: Matrix | undefined;
  all: Matrix | undefined;
}

export function combine(matrix: Matrix, { answered, asked, all }: UpTo): NeedStates {
  const value = (table: Matrix | undefined, code: string) => table?.rows.find((row) => row.code === code)?.total.value ?? 0;
  const found = new Map<string, Parts>();
  let states = all?.total.value ?? 0;
  for (const row of matrix.rows) {
    const ofRow = value(all, row.code);
    states = Math.max(states, ofRow);
    found.set(
      row.code,
      partsOf(row.total.value, row.total.base, value(answered, row.code), value(asked, row.code), ofRow),
    );
  }
  const total = partsOf(
    matrix.total.value,
    matrix.total.base,
    answered?.total.value ?? 0,
    asked?.total.value ?? 0,
    all?.total.value ?? 0,
  );
  const here = new Set(needStates.filter((state) => [total, ...found.values()].some((parts) => parts[state] > 0)));
  return { rows: found, total, here, states };
}

/** A bar makes sense where the figure counts States and the row is something that a State answers to. */
export const hasBars = (rows: Dimension, measure: string, where: readonly Condition[]): boolean =>
  measure === 'states_stating' &&
  ['article', 'provision', 'chapter', 'obligation'].includes(rows) &&
  !where.some(({ dimension }) => ['need_state', 'compliance', 'challenge'].includes(dimension));
