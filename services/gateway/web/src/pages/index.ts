// Which page answers which address. Each is fetched when it is first opened.
import { type ComponentType, lazy, type LazyExoticComponent } from 'react';
import type { Role } from '../api/session';

type Module = Promise<{ default: ComponentType }>;

export type PageName = 'needs' | 'since' | 'country' | 'response' | 'service' | 'signIn' | 'words';

interface Page {
  name: PageName;
  path: RegExp;
  fetch: () => Module;
  component: LazyExoticComponent<ComponentType>;
}

const page = (name: PageName, path: RegExp, fetch: () => Module): Page => ({ name, path, fetch, component: lazy(fetch) });

export const pages: readonly Page[] = [
  page('needs', /^\/$/, () => import('./needs/NeedsPage')),
  page('since', /^\/since$/, () => import('./since/SincePage')),
  page('country', /^\/country(?:\/[A-Z]{3})?$/, () => import('./country/CountryPage')),
  page('response', /^\/response$/, () => import('./response/ResponsePage')),
  page('service', /^\/service$/, () => import('./service/ServicePage')),
  page('signIn', /^\/enter$/, () => import('./other/SignInPage')),
  page('words', /^\/words$/, () => import('./other/WordsPage')),
];

const withoutSlash = (path: string): string => (path.length > 1 ? path.replace(/\/$/, '') : path);

export const pageAt = (path: string): Page | undefined => pages.find((one) => one.path.test(withoutSlash(path)));

export function preload(path: string): void {
  // When it fails, opening the page tries again and says so.
  pageAt(path)?.fetch().catch(() => undefined);
}

export interface Destination {
  name: PageName;
  href: string;
}

/** An operator sees no answers: whatever these pages ask would be refused. */
export const isClosedTo = (role: Role, page: Page): boolean =>
  role === 'operator' && (page.name === 'needs' || page.name === 'since' || page.name === 'country');

/** The pages that a reader has a use for. */
export function destinationsOf(role: Role): Destination[] {
  if (role === 'operator') return [{ name: 'service', href: '/service' }];
  const all: Destination[] = [
    { name: 'since', href: '/since' },
    { name: 'needs', href: '/' },
    { name: 'country', href: '/country' },
  ];
  if (role === 'focal_point') all.push({ name: 'response', href: '/response' });
  return all;
}
