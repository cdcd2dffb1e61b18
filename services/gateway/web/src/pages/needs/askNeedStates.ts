import type { Dimension, NeedState } from '../../address/dimensions';
import { type Condition, withCondition } from '../../address/question';
import { askMatrix } from '../../api/matrix';
import type { Language } from '../../texts/languages';
import type { UpTo } from './needStates';

// The three questions from whose differences the parts of a bar come.
const upTo: NeedState[][] = [
  ['STATED', 'NONE_STATED', 'NOT_ANSWERED'],
  ['STATED', 'NONE_STATED', 'NOT_ANSWERED', 'NOT_ASKED'],
  ['STATED', 'NONE_STATED', 'NOT_ANSWERED', 'NOT_ASKED', 'WITHHELD'],
];

export async function askUpTo(
  rows: Dimension,
  where: readonly Condition[],
  asOf: string,
  language: Language,
  signal: AbortSignal,
): Promise<UpTo> {
  const [answered, asked, all] = await Promise.all(
    upTo.map((states) => askMatrix({ rows, where: withCondition(where, 'need_state', states), asOf, language }, signal)),
  );
  return { answered, asked, all };
}
