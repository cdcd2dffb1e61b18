// The changes since a position: those that had happened when the page was opened, and those that come
// while it is read, which wait until the reader wants them.
import { startTransition, useCallback, useEffect, useState } from 'react';
import { noticeConnection } from '../../api/answer';
import { type Change, follow } from '../../api/feed';

// More than anybody reads; beyond it the oldest are left out and the page says so.
const most = 5000;

export interface Changes {
  shown: Change[];
  waiting: Change[];
  position: string; // everything up to here is in one of the two
  caughtUp: boolean;
  restarted: boolean;
  cut: boolean;
  insert: () => void;
}

interface State {
  shown: Change[];
  waiting: Change[];
  position: string;
  caughtUp: boolean;
  restarted: boolean;
  cut: boolean;
}

const empty: State = { shown: [], waiting: [], position: '', caughtUp: false, restarted: false, cut: false };

/** @param from undefined: not yet known; empty: from now on */
export function useChanges(from: string | undefined, filters: Record<string, string>): Changes {
  const [state, setState] = useState<State>(empty);
  const filterKey = new URLSearchParams(filters).toString();

  useEffect(() => {
    if (from === undefined) return;
    setState(empty);
    // A burst of events is one change of the page, not thousands.
    let batch: Change[] = [];
    let caughtUpAt = '';
    let timer: ReturnType<typeof setTimeout> | undefined;
    let live = false;
    const flush = () => {
      timer = undefined;
      const arrived = batch;
      const end = caughtUpAt;
      const wasLive = live;
      batch = [];
      caughtUpAt = '';
      if (end) live = true;
      // Drawn in slices, like any answer.
      startTransition(() =>
        setState((before) => {
          const list = [...(wasLive ? before.waiting : before.shown), ...arrived];
          return {
            ...before,
            ...(wasLive ? { waiting: list.slice(-most) } : { shown: list.slice(-most) }),
            cut: before.cut || list.length > most,
            caughtUp: before.caughtUp || end !== '',
            position: end === '' ? (arrived.at(-1)?.position ?? before.position) : end,
          };
        }),
      );
    };
    const soon = () => {
      timer ??= setTimeout(flush, 150);
    };
    const stop = follow(from, Object.fromEntries(new URLSearchParams(filterKey)), {
      change: (change) => {
        batch.push(change);
        soon();
      },
      caughtUp: (position) => {
        caughtUpAt = position;
        soon();
      },
      restarted: () => {
        batch = [];
        live = false;
        setState({ ...empty, restarted: true });
      },
      connected: noticeConnection,
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [from, filterKey]);

  const insert = useCallback(
    () => setState((before) => ({ ...before, shown: [...before.shown, ...before.waiting].slice(-most), waiting: [] })),
    [],
  );
  return { ...state, insert };
}
