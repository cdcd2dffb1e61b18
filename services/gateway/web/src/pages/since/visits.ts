// Where the reader's last visit ended, kept in the browser for each identity.
import { store, stored } from '../../address/browser-store';

export interface Moment {
  position: string; // of the feed
  at: string; // RFC 3339
}

interface Visits {
  before?: Moment | undefined; // end of the last visit: what the page counts from
  seen?: Moment | undefined; // how far this one has come
}

// Loading the page again within half an hour is still the same visit; else a reload would empty it.
const apart = 30 * 60 * 1000;

const keyOf = (identity: string): string => `visits/${identity}`;

function read(identity: string): Visits {
  try {
    return JSON.parse(stored(keyOf(identity)) || '{}') as Visits;
  } catch {
    return {};
  }
}

export function nextVisit(visits: Visits, now: number): Visits {
  const { before, seen } = visits;
  if (!seen) return visits;
  return !before || now - Date.parse(seen.at) > apart ? { before: seen, seen } : visits;
}

/** The end of the visit before this one; undefined at the first. */
export function beginVisit(identity: string): Moment | undefined {
  const visits = nextVisit(read(identity), Date.now());
  store(keyOf(identity), JSON.stringify(visits));
  return visits.before;
}

export function recordSeen(identity: string, position: string): void {
  store(keyOf(identity), JSON.stringify({ ...read(identity), seen: { position, at: new Date().toISOString() } }));
}

/** From now on only what comes later. */
export function endVisit(identity: string, position: string): Moment {
  const now = { position, at: new Date().toISOString() };
  store(keyOf(identity), JSON.stringify({ before: now, seen: now }));
  return now;
}

// ---- questions that the reader keeps ----

export interface Saved {
  name: string;
  search: string;
}

export function savedQuestions(identity: string): Saved[] {
  try {
    return JSON.parse(stored(`questions/${identity}`) || '[]') as Saved[];
  } catch {
    return [];
  }
}

export function saveQuestions(identity: string, questions: readonly Saved[]): void {
  store(`questions/${identity}`, JSON.stringify(questions));
}
