// What a file would do to the needs that stand now, by provision.
import type { Need } from '../../api/needs';
import type { contentsOf } from './checklist-csv';

export interface FileEffect {
  now: number;
  gone: number;
  anew: number;
  then: number;
}

/** Of answers by item; what an article's answer does to those of its paragraphs is for the service to say. */
export function effectOf(contents: ReturnType<typeof contentsOf>, standing: readonly Need[]): FileEffect {
  const stated = new Set(contents.needs.map(({ provision, type }) => `${provision} ${type}`));
  const before = new Set(standing.map(({ provision, type }) => `${provision} ${type}`));
  const gone = standing.filter(({ provision, type }) => contents.answered.has(provision) && !stated.has(`${provision} ${type}`)).length;
  const anew = [...stated].filter((need) => !before.has(need)).length;
  return { now: before.size, gone, anew, then: before.size - gone + anew };
}
