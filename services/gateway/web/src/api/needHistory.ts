// How one need came to be, as the matrix tells it.
import { type Priority, toPriority } from '../address/dimensions';
import { needsMatrix } from './transport';

/** What holds of the need from a day on. */
export interface NeedStep {
  day: string;
  stated: boolean;
  priority: Priority | undefined; // the State's own
  checklist: string; // of the response whose answer stands; empty when none does any more
  round: number;
  version: number; // 0 unless the reader reads all of the State
}

export interface NeedHistory {
  steps: NeedStep[]; // oldest first
  withheld: boolean;
}

export async function askNeedHistory(need: string, reader: string, versionTokens: string[], signal: AbortSignal): Promise<NeedHistory> {
  const { entries, withheld } = await needsMatrix.getNeedHistory({ need, reader, freshness: { versionTokens } }, { signal });
  return {
    steps: entries.map(({ day, stated, statePriority, checklist, round, version }) => ({
      day,
      stated,
      priority: toPriority(statePriority),
      checklist,
      round,
      version,
    })),
    withheld,
  };
}
