import { describe, expect, it } from 'vitest';
import type { HistoryEntry, ResponseSummary } from '../src/api/responses';
import { historyOf } from '../src/pages/response/history-of';

const filed: ResponseSummary = {
  state: 'KEN', checklist: 'uncac-2007', round: 2026, version: 2, submittedOn: '2026-11-02', status: 'SUBMITTED',
  withdrawnOn: '', answers: 12, exercise: true,
};
const entry = (version: number, action: HistoryEntry['action'], day: string, answers = 12): HistoryEntry => ({
  version, action, day, by: 'focal_point', reason: '', answers,
});
const history = [entry(1, 'submitted', '2026-10-01', 11), entry(2, 'amended', '2026-11-02')];
const told = (entries: HistoryEntry[]) => new Map([['uncac-2007', entries]]);

describe('the history of the newest round', () => {
  it('is that of the response which stands', () => {
    expect(historyOf(filed, [filed, { ...filed, round: 2007 }], told(history))).toBe(history);
    const ended = [...history, entry(2, 'withdrawn', '2026-11-20')];
    expect(historyOf({ ...filed, status: 'WITHDRAWN' }, [filed], told(ended))).toBe(ended);
  });

  it('is not that of an earlier round, nor of another checklist', () => {
    expect(historyOf(filed, [filed, { ...filed, round: 2027 }], told(history))).toBeUndefined();
    expect(historyOf({ ...filed, checklist: 'uncac-comprehensive' }, [filed], told(history))).toBeUndefined();
  });

  it('is not that of what was filed or ended between the two answers', () => {
    expect(historyOf({ ...filed, version: 1 }, [filed], told(history))).toBeUndefined();
    expect(historyOf(filed, [filed], told([...history, entry(2, 'withdrawn', '2026-11-20')]))).toBeUndefined();
    expect(historyOf({ ...filed, status: 'VOID' }, [filed], told(history))).toBeUndefined();
    // Another round, whose newest version happens to bear the same number.
    expect(historyOf({ ...filed, submittedOn: '2026-11-03' }, [filed], told(history))).toBeUndefined();
    expect(historyOf({ ...filed, answers: 13 }, [filed], told(history))).toBeUndefined();
  });
});
