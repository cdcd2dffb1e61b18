// Counts what changes while the page is read. The figures stay until the reader asks for the new ones.
import { useEffect, useRef, useState } from 'react';
import { noticeConnection } from '../api/answer';
import { follow } from '../api/feed';
import { useTexts } from '../texts/useTexts';

interface Props {
  position: string; // of the answer that the page shows; empty: not yet known
  state?: string; // of this State alone
  reload: () => void;
  /** Does not wait for the reader where something is taken away: what is not shared any more goes at once. */
  gone?: () => void;
}

// A decision takes back many needs, each in an event of its own.
const burst = 200;

export function NewChanges({ position, state = '', reload, gone }: Props) {
  const { t } = useTexts();
  const [count, setCount] = useState(0);
  const whenGone = useRef(gone);
  useEffect(() => {
    whenGone.current = gone;
  });
  useEffect(() => {
    if (!position) return;
    setCount(0);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const takenAway = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        whenGone.current?.();
      }, burst);
    };
    const stop = follow(position, state ? { state } : {}, {
      change: (change) => {
        setCount((before) => before + 1);
        if (change.kind === 'removed') takenAway();
      },
      caughtUp: () => undefined,
      // Figures asked for again are right whatever the feed missed.
      restarted: () => {
        setCount((before) => before + 1);
        takenAway();
      },
      // That it is cut off for a moment is nothing to tell: it comes back by itself.
      connected: (there) => {
        if (there) noticeConnection(true);
      },
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [position, state]);
  return (
    <span role="status">
      {count > 0 && (
        <button type="button" className="pill" onClick={reload}>
          {t('changes.new', { count })}
        </button>
      )}
    </span>
  );
}
