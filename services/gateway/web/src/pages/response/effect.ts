// What a file would do to the needs that stand now, by provision.
import { articleOf } from '../../address/provision';
import type { Need } from '../../api/needs';
import type { ResponseSummary } from '../../api/responses';
import type { Contents } from './checklist-csv';

export interface FileEffect {
  now: number;
  gone: number;
  anew: number;
  then: number;
}

type Standing = Pick<Need, 'provision' | 'type' | 'checklist' | 'round'>;

/**
 * An answer replaces the one before it to the same provision. One to a whole article stands until a later
 * response answers a paragraph of it, so those stand side by side that one response gives.
 */
export function effectOf(contents: Contents, standing: readonly Standing[]): FileEffect {
  const { answered } = contents;
  const stated = new Set(contents.needs.map(({ provision, type }) => `${provision} ${type}`));
  const before = new Set(standing.map(({ provision, type }) => `${provision} ${type}`));
  const byParagraph = new Set([...answered].filter((provision) => provision !== articleOf(provision)).map(articleOf));
  const replaced = (provision: string) => answered.has(provision) || byParagraph.has(provision);
  const gone = standing.filter(({ provision, type }) => replaced(provision) && !stated.has(`${provision} ${type}`)).length;
  const anew = [...stated].filter((need) => !before.has(need)).length;
  return { now: before.size, gone, anew, then: before.size - gone + anew };
}

/**
 * Whether the effect can be told from what the page knows: one response, filed after all others, that gives up
 * nothing which its version before answered. What stands then instead only the service knows.
 */
export function isTellable(contents: Contents, standing: readonly Standing[], responses: readonly ResponseSummary[], today: string): boolean {
  const [key, ...others] = contents.keys;
  if (!key || others.length > 0) return false;
  const isSame = (other: { checklist: string; round: number }) => other.checklist === key.checklist && other.round === key.round;
  const submitted = responses.filter(({ status }) => status === 'SUBMITTED');
  // Of those of one day the later round counts, then the comprehensive checklist.
  const isLater = (other: ResponseSummary) =>
    other.submittedOn >= today && (other.round > key.round || (other.round === key.round && key.checklist !== 'uncac-comprehensive'));
  if (submitted.some((other) => !isSame(other) && isLater(other))) return false;
  if (submitted.some((other) => isSame(other) && other.answers > contents.answered.size)) return false;
  return !standing.some((need) => isSame(need) && !contents.answered.has(need.provision));
}
