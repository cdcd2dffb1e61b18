// What another session of the same State files while the page is open.
import { useEffect, useRef } from 'react';
import { follow } from '../../api/feed';

// A response changes many needs, each in an event of its own.
const burst = 200;
const seconds = 15;

interface Handlers {
  needsChanged: () => void;
  /** A response that states no need is on no feed: now and then, and when the reader comes back. */
  lookAgain: () => void;
}

/** @param position of the needs that the page knows; empty: not yet known */
export function useFiledElsewhere(position: string, state: string, handlers: Handlers): void {
  const current = useRef(handlers);
  useEffect(() => {
    current.current = handlers;
  });

  useEffect(() => {
    if (!position) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        current.current.needsChanged();
      }, burst);
    };
    const stop = follow(position, { state }, { change: soon, caughtUp: () => undefined, restarted: soon, connected: () => undefined });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [position, state]);

  useEffect(() => {
    // A page in the background asks nobody.
    const look = () => {
      if (document.visibilityState === 'visible') current.current.lookAgain();
    };
    const timer = setInterval(look, seconds * 1000);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
}
