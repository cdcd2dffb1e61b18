import type { AnchorHTMLAttributes } from 'react';
import { followLink } from '../address/router';

/** A link within the pages: a real address, opened without loading anew. */
export function Link({ children, onClick, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  return (
    // It has an href, and Enter clicks it.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
    <a
      {...rest}
      onClick={(event) => {
        onClick?.(event);
        followLink(event);
      }}
    >
      {children}
    </a>
  );
}
