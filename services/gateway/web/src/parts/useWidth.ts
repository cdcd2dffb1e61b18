import { useSyncExternalStore } from 'react';

// Wide: all columns of a matrix stand beside each other; below, the reader picks one, with its bar beside
// it on a tablet and alone on a telephone. Printing takes the wide form: a page of paper is wide enough.
const wide = window.matchMedia('print, (min-width: 64rem)');
const medium = window.matchMedia('(min-width: 48rem)');

export type Width = 'wide' | 'medium' | 'narrow';

function subscribe(listener: () => void): () => void {
  for (const query of [wide, medium]) query.addEventListener('change', listener);
  return () => {
    for (const query of [wide, medium]) query.removeEventListener('change', listener);
  };
}
const current = (): Width => (wide.matches ? 'wide' : medium.matches ? 'medium' : 'narrow');

export const useWidth = (): Width => useSyncExternalStore(subscribe, current);
