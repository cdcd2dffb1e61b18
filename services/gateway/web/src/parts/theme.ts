// Light, dark, or as the system has it; kept in the browser.
import { useSyncExternalStore } from 'react';
import { store, stored } from '../address/browser-store';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

let theme: Theme = themes.find((one) => one === stored('theme')) ?? 'system';
const listeners = new Set<() => void>();

export function applyTheme(next: Theme = theme): void {
  theme = next;
  if (next === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  store('theme', next === 'system' ? '' : next);
  for (const listener of listeners) listener();
}

const system = window.matchMedia('(prefers-color-scheme: dark)');
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  system.addEventListener('change', listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener('change', listener);
  };
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, () => theme);

/** Changes whenever colours do; for charts, which hold copies of them. */
export const useScheme = (): 'light' | 'dark' =>
  useSyncExternalStore(subscribe, () => (theme === 'system' ? (system.matches ? 'dark' : 'light') : theme));
