// Which page answers which address. Each is fetched when it is first opened.
import { type ComponentType, lazy, type LazyExoticComponent } from 'react';
import type { Dimension } from '../address/dimensions';
import type { Role } from '../api/session';
import { pageNameAt, type PageName } from './paths';

export type { PageName } from './paths';

type Module = Promise<{ default: ComponentType }>;

interface Page {
  name: PageName;
  names: readonly Dimension[]; // that stand in what it shows first
  fetch: () => Module;
  component: LazyExoticComponent<ComponentType>;
}

const page = (name: PageName, names: readonly Dimension[], fetch: () => Module): Page => ({ name, names, fetch, component: lazy(fetch) });

export const pages: readonly Page[] = [
  page('needs', ['chapter'], () => import('./needs/NeedsPage')),
  page('since', ['state', 'provision', 'type'], () => import('./since/SincePage')),
  page('country', ['state', 'chapter', 'article', 'provision', 'type'], () => import('./country/CountryPage')),
  page('response', ['state'], () => import('./response/ResponsePage')),
  page('service', [], () => import('./service/ServicePage')),
  page('signIn', [], () => import('./other/SignInPage')),
  page('words', [], () => import('./other/WordsPage')),
];

export function pageAt(path: string): Page | undefined {
  const name = pageNameAt(path);
  return pages.find((one) => one.name === name);
}

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
