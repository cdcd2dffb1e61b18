import { describe, expect, it } from 'vitest';
import type { Change } from '../src/api/feed';
import { toChange } from '../src/api/feed';
import { byDay, daysOf, fits, kindOf, tally } from '../src/pages/since/changes';
import { nextVisit } from '../src/pages/since/visits';

function stated(key: string, time: string, statedOn = time.slice(0, 10)): Change {
  const [state = '', provision = '', type = ''] = key.split(':');
  const need = { need: key, state, provision, type, type_text: '', state_priority: 'HIGH', coverage: '', audience: 'PUBLIC', stated_on: statedOn, checklist: 'uncac-comprehensive', round: 2026, exercise: true };
  return { kind: 'stated', id: `${key}@1.1`, time, position: time, need };
}
const removed = (key: string, time: string, because: string): Change => ({ kind: 'removed', id: `${key}@1.2`, time, position: time, key, because });

const changes = [
  stated('KEN:uncac/46.10:LEGAL_ADVICE', '2026-11-23T10:00:00Z'),
  stated('KEN:uncac/46.9:LEGAL_ADVICE', '2026-11-23T10:00:00Z'),
  stated('KEN:uncac/46.9:ACTION_PLAN', '2026-11-23T10:00:00Z'),
  stated('ALB:uncac/5:LEGAL_ADVICE', '2026-11-23T09:00:00Z', '2015-06-01'),
  removed('UGA:uncac/57.3:LEGAL_ADVICE', '2026-11-24T08:00:00Z', 'not shared'),
];

describe('changes', () => {
  it('are read from the events of the feed', () => {
    const event = { id: 'KEN:uncac/44:X@1.3', time: '2026-11-24T08:00:00Z', position: 'p', data: { need: 'KEN:uncac/44:X', removed_because: 'changed' } };
    expect(toChange('need.removed', JSON.stringify(event))).toEqual({ kind: 'removed', id: event.id, time: event.time, position: 'p', key: 'KEN:uncac/44:X', because: 'changed' });
    expect(toChange('caught-up', JSON.stringify(event))).toBeUndefined();
  });

  it('are told apart', () => {
    expect(changes.map((change) => kindOf(change))).toEqual(['stated', 'stated', 'stated', 'shown', 'unshared']);
    expect(tally(changes)).toEqual({ stated: 3, shown: 1, removed: 0, unshared: 1 });
  });

  it('stand by day, newest first, States by name, provisions in treaty order, types together', () => {
    const days = daysOf(changes, ['ALB', 'KEN', 'UGA']);
    expect(days.map(({ day, count }) => [day, count])).toEqual([
      ['2026-11-24', 1],
      ['2026-11-23', 4],
    ]);
    expect(days[1]?.states.map(({ state }) => state)).toEqual(['ALB', 'KEN']);
    expect(days[1]?.states[1]?.entries.map(({ provision, types }) => [provision, types])).toEqual([
      ['uncac/46.9', ['LEGAL_ADVICE', 'ACTION_PLAN']],
      ['uncac/46.10', ['LEGAL_ADVICE']],
    ]);
  });

  it('are narrowed by State, chapter, article and type', () => {
    const count = (dimension: 'state' | 'chapter' | 'article' | 'type', value: string) =>
      changes.filter((change) => fits(change, [{ dimension, values: [value] }])).length;
    expect([count('state', 'KEN'), count('chapter', 'IV'), count('article', 'uncac/57'), count('type', 'ACTION_PLAN')]).toEqual([3, 3, 1, 1]);
  });

  it('are counted by day up to today', () => {
    expect(byDay(changes, '2026-11-24', 3)).toEqual([
      { day: '2026-11-22', count: 0 },
      { day: '2026-11-23', count: 4 },
      { day: '2026-11-24', count: 1 },
    ]);
  });
});

describe('visits', () => {
  const at = (minutes: number) => new Date(minutes * 60_000).toISOString();
  it('begin where the last one ended, half an hour apart', () => {
    const seen = { position: 'new', at: at(0) };
    const before = { position: 'old', at: at(-500) };
    expect(nextVisit({ before, seen }, 31 * 60_000).before).toEqual(seen);
    expect(nextVisit({ before, seen }, 10 * 60_000).before).toEqual(before);
    expect(nextVisit({ seen }, 0).before).toEqual(seen);
    expect(nextVisit({}, 0).before).toBeUndefined();
  });
});
