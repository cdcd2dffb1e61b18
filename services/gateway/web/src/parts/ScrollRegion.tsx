import type { ReactNode } from 'react';

/** For what is wider than the page: it scrolls by itself, by keyboard too. */
export function ScrollRegion({ name, className = '', children }: { name: string; className?: string; children: ReactNode }) {
  return (
    // A region that scrolls must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={`scroll ${className}`} role="region" tabIndex={0} aria-label={name}>
      {children}
    </div>
  );
}
