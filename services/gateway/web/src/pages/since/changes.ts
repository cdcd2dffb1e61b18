// Changes of the feed as a page tells them: by day, newest first; within a day States by name; of one
// State and provision those of a kind together.
import { type Priority, toPriority } from '../../address/dimensions';
import { chapterOf, needParts, articleOf, treatyOrder } from '../../address/provision';
import { conditionOf, type Condition } from '../../address/question';
import type { Change } from '../../api/feed';

// The feed gives the state after a change, not what was before. A need stated on the day of the change
// comes from an answer of that day; an older one became visible, or something beside it changed.
export const changeKinds = ['stated', 'shown', 'removed', 'unshared'] as const;
export type ChangeKind = (typeof changeKinds)[number];

export interface Entry {
  id: string; // of the newest of its changes
  kind: ChangeKind;
  state: string;
  provision: string;
  types: string[];
  keys: string[]; // of the needs
  time: string; // of the newest
  statedOn: string;
  checklist: string;
  round: number;
  audience: string;
  priority: Priority | undefined;
}

export interface Day {
  day: string;
  states: { state: string; entries: Entry[] }[];
  count: number;
}

/** @param standing what is read is everything that stands, not what changed */
export function kindOf(change: Change, standing = false): ChangeKind {
  if (change.kind === 'removed') return change.because === 'not shared' ? 'unshared' : 'removed';
  return standing || change.need.stated_on === change.time.slice(0, 10) ? 'stated' : 'shown';
}

const keyOf = (change: Change): string => (change.kind === 'stated' ? change.need.need : change.key);

export function fits(change: Change, where: readonly Condition[]): boolean {
  const { state, provision, type } = needParts(keyOf(change));
  const any = (dimension: Condition['dimension'], ...codes: (string | undefined)[]) => {
    const values = conditionOf(where, dimension);
    return values.length === 0 || codes.some((code) => code !== undefined && values.includes(code));
  };
  return (
    any('state', state) &&
    any('type', type) &&
    any('chapter', chapterOf(provision)) &&
    any('article', articleOf(provision)) &&
    any('provision', provision, articleOf(provision))
  );
}

/** @param stateOrder codes of States by name in the reader's language */
export function daysOf(changes: readonly Change[], stateOrder: readonly string[], standing = false): Day[] {
  const order = new Map(stateOrder.map((code, at) => [code, at]));
  const groups = new Map<string, Entry>();
  for (const change of changes) {
    const key = keyOf(change);
    const { state, provision, type } = needParts(key);
    const kind = kindOf(change, standing);
    const group = [change.time.slice(0, 10), state, provision, kind].join(' ');
    const entry = groups.get(group);
    if (entry) {
      if (!entry.keys.includes(key)) {
        entry.keys.push(key);
        entry.types.push(type);
      }
      if (change.time >= entry.time) Object.assign(entry, { time: change.time, id: change.id }, detailsOf(change));
    } else {
      groups.set(group, { id: change.id, kind, state, provision, types: [type], keys: [key], time: change.time, ...detailsOf(change) });
    }
  }

  const days = new Map<string, Map<string, Entry[]>>();
  for (const entry of groups.values()) {
    const day = entry.time.slice(0, 10);
    const states = days.get(day) ?? new Map<string, Entry[]>();
    days.set(day, states);
    states.set(entry.state, [...(states.get(entry.state) ?? []), entry]);
  }
  return [...days]
    .sort(([left], [right]) => (left < right ? 1 : -1))
    .map(([day, states]) => ({
      day,
      states: [...states]
        .sort(([left], [right]) => (order.get(left) ?? 0) - (order.get(right) ?? 0))
        .map(([state, entries]) => ({
          state,
          entries: entries.sort(
            (left, right) =>
              right.time.slice(0, 16).localeCompare(left.time.slice(0, 16)) || treatyOrder(left.provision, right.provision),
          ),
        })),
      count: [...states.values()].flat().reduce((sum, { keys }) => sum + keys.length, 0),
    }));
}

function detailsOf(change: Change) {
  const need = change.kind === 'stated' ? change.need : undefined;
  return {
    statedOn: need?.stated_on ?? '',
    checklist: need?.checklist ?? '',
    round: need?.round ?? 0,
    audience: (need?.audience ?? '').replace(/^AUDIENCE_/, ''),
    priority: toPriority(need?.state_priority ?? ''),
  };
}

export function tally(changes: readonly Change[], standing = false): Record<ChangeKind, number> {
  const found: Record<ChangeKind, number> = { stated: 0, shown: 0, removed: 0, unshared: 0 };
  for (const change of changes) found[kindOf(change, standing)] += 1;
  return found;
}

/** Changes of each of the last days up to today, oldest first. */
export function byDay(changes: readonly Change[], today: string, days: number): { day: string; count: number }[] {
  const end = Date.parse(`${today}T00:00:00Z`);
  return Array.from({ length: days }, (_, at) => {
    const day = new Date(end - (days - 1 - at) * 86_400_000).toISOString().slice(0, 10);
    return { day, count: changes.filter(({ time }) => time.startsWith(day)).length };
  });
}
