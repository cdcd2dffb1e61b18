// The shape of what is coming, after 300 ms: what is quicker needs none, and would only flicker.
import { memo, useEffect, useState } from 'react';
import { useTexts } from '../texts/useTexts';

export function useLate(waiting: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!waiting) return;
    const timer = setTimeout(() => setLate(true), 300);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [waiting]);
  return waiting && late;
}

/** Rows of the height of a table's; it keeps its place also before it shows. The page around it changes as answers come. */
export const SkeletonRows = memo(function SkeletonRows({ rows, columns = 1 }: { rows: number; columns?: number }) {
  const { t } = useTexts();
  const late = useLate(true);
  return (
    <div className={late ? 'skeleton' : 'skeleton hidden'} role="status">
      <span className="unseen">{late ? t('common.loading') : ''}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="skeleton-row" aria-hidden="true">
          {Array.from({ length: columns + 1 }, (__, column) => (
            <span key={column} className={`bone w${(row * 5 + column * 3) % 4}`} />
          ))}
        </div>
      ))}
    </div>
  );
});
