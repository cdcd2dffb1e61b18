import type { AnchorHTMLAttributes } from 'react';
import { followLink } from '../address/router';

/** A link within the pages: a real address, opened without loading anew. */
export function Link({ children, onClick, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  return (
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
