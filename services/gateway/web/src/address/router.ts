// The address bar as state. A handful of paths needs no library.
import { useSyncExternalStore } from 'react';

export interface Place {
  path: string;
  search: string;
}

let place: Place = { path: location.pathname, search: location.search };
const listeners = new Set<() => void>();

function read(): void {
  if (place.path === location.pathname && place.search === location.search) return;
  place = { path: location.pathname, search: location.search };
  for (const listener of listeners) listener();
}
window.addEventListener('popstate', read);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
const currentPlace = (): Place => place;

export const usePlace = (): Place => useSyncExternalStore(subscribe, currentPlace);

/** @param replace for a change that one step back shall not undo */
export function go(to: string, replace = false): void {
  // Where the reader is already would be a step back that shows nothing new.
  if (to === location.pathname + location.search + location.hash) return;
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  read();
}

/** For onClick of links inside: a click with a key or another button is the browser's. */
export function followLink(event: React.MouseEvent<HTMLAnchorElement>): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const { pathname, search, hash, origin } = event.currentTarget;
  if (origin !== location.origin) return;
  event.preventDefault();
  go(pathname + search + hash);
}
