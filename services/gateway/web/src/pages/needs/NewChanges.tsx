// Counts what changes while the page is read. The figures stay until the reader asks for the new ones.
import { useEffect, useState } from 'react';
import { follow } from '../../api/feed';
import { useTexts } from '../../texts/useTexts';

export function NewChanges({ position, reload }: { position: string; reload: () => void }) {
  const { t } = useTexts();
  const [count, setCount] = useState(0);
  useEffect(() => {
    if (!position) return;
    setCount(0);
    return follow(position, {}, {
      change: () => setCount((before) => before + 1),
      caughtUp: () => undefined,
      // Figures asked for again are right whatever the feed missed.
      restarted: () => setCount((before) => before + 1),
      connected: () => undefined,
    });
  }, [position]);
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
