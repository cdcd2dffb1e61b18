import { useSyncExternalStore } from 'react';

// From here on all columns of a matrix stand beside each other; below, the reader picks one. Printing
// takes the wide form, since a page of paper is wide enough.
const wide = window.matchMedia('print, (min-width: 64rem)');

function subscribe(listener: () => void): () => void {
  wide.addEventListener('change', listener);
  return () => wide.removeEventListener('change', listener);
}
const matches = (): boolean => wide.matches;

export const useWide = (): boolean => useSyncExternalStore(subscribe, matches);
