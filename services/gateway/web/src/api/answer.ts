// One question of a page and its newest answer. While a newer one is fetched, or cannot be, the last
// answer stays with the time it was given: a reader on a poor line keeps what he has.
import { startTransition, useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { type Failure, toFailure } from './errors';
import { currentSession, identityOf, useSession, watchSession } from './session';

export interface Answer<Value> {
  value: Value | undefined;
  at: Date | undefined; // when the value was given
  failure: Failure | undefined; // of the newest try
  loading: boolean;
  reload: () => void;
}

interface Kept {
  value: unknown;
  at: Date;
}

// What this page already asked, so that going back shows it at once; by reader, so that signing out
// leaves nothing to the next one.
const kept = new Map<string, Kept>();
const mostKept = 60;
const retrySeconds = [2, 5, 10, 30];

function keep(key: string, value: unknown): Kept {
  const entry = { value, at: new Date() };
  kept.delete(key);
  kept.set(key, entry);
  const oldest = kept.keys().next();
  if (kept.size > mostKept && !oldest.done) kept.delete(oldest.value);
  return entry;
}

let reader = identityOf(currentSession());
watchSession(() => {
  const now = identityOf(currentSession());
  if (now !== reader) kept.clear();
  reader = now;
});

interface State {
  key: string;
  owner: string; // for whom it was asked
  kept: Kept | undefined;
  failure: Failure | undefined;
  loading: boolean;
}

/**
 * @param key names the question, its language included; empty: ask nothing yet
 * @param ask is called again whenever the key changes
 * @param reader as whom the page is looked at, where that is not who is signed in. What one reader was
 *   answered never stays on the page for another, not even until the other's answer comes.
 */
export function useAnswer<Value>(key: string, ask: (signal: AbortSignal) => Promise<Value>, reader = ''): Answer<Value> {
  const session = useSession();
  const owner = `${identityOf(session)}|${reader}`;
  const full = key && `${owner}|${key}`;
  const [state, setState] = useState<State>(() => ({
    key: full,
    owner,
    kept: kept.get(full),
    failure: undefined,
    loading: full !== '',
  }));
  const [round, setRound] = useState(0);
  const question = useRef(ask);
  useEffect(() => {
    question.current = ask;
  });

  const reload = useCallback(() => setRound((before) => before + 1), []);

  useEffect(() => {
    if (!full) return;
    const cut = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let tries = 0;
    let failed = false;
    const known = kept.get(full);
    setState((before) => ({
      key: full,
      owner,
      // The answer to the question before stays on the page until the new one is there.
      kept: known ?? (before.owner === owner ? before.kept : undefined),
      failure: before.key === full ? before.failure : undefined,
      loading: true,
    }));

    const run = () => {
      question.current(cut.signal).then(
        (value) => {
          if (cut.signal.aborted) return;
          failed = false;
          const answered = keep(full, value);
          // Drawn in slices, so that a large table never holds up what the reader types or presses.
          startTransition(() => setState({ key: full, owner, kept: answered, failure: undefined, loading: false }));
        },
        (error: unknown) => {
          if (cut.signal.aborted) return;
          failed = true;
          const failure = toFailure(error);
          noticeConnection(failure.kind !== 'offline');
          // Who may not read it any more keeps nothing of it.
          const refused = failure.kind === 'signed-out' || failure.kind === 'forbidden';
          if (refused) kept.delete(full);
          setState((before) => ({ ...before, failure, loading: false, kept: refused ? undefined : before.kept }));
          if (!failure.retry) return;
          const seconds = retrySeconds[Math.min(tries++, retrySeconds.length - 1)] ?? 30;
          timer = setTimeout(run, seconds * 1000);
        },
      );
    };
    // What was answered stays as it is: what happened meanwhile the feed tells.
    const again = () => {
      if (!failed) return;
      clearTimeout(timer);
      run();
    };
    run();
    window.addEventListener('online', again);
    return () => {
      cut.abort();
      clearTimeout(timer);
      window.removeEventListener('online', again);
    };
  }, [full, owner, round]);

  useEffect(() => {
    if (state.failure === undefined && !state.loading && state.kept) noticeConnection(true);
  }, [state]);

  const own = state.owner === owner ? state : undefined;
  return {
    value: own?.kept?.value as Value | undefined,
    at: own?.kept?.at,
    failure: own?.failure,
    loading: full !== '' && (own?.key !== full || own.loading),
    reload,
  };
}

// ---- is there a connection? ----

let offlineSince: Date | undefined;
const watchers = new Set<() => void>();

export function noticeConnection(there: boolean): void {
  if (there === (offlineSince === undefined)) return;
  offlineSince = there ? undefined : new Date();
  for (const watcher of watchers) watcher();
}

const wentDown = (): void => noticeConnection(false);

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  window.addEventListener('offline', wentDown);
  return () => {
    watchers.delete(watcher);
    window.removeEventListener('offline', wentDown);
  };
}
const sinceWhen = (): Date | undefined => offlineSince;

/** Since when nothing could be reached; undefined while all is well. */
export const useOfflineSince = (): Date | undefined => useSyncExternalStore(watch, sinceWhen);
