// Whether anything on the page was invented for an exercise: the page's head says so for all of it.
import { useEffect, useSyncExternalStore } from 'react';

let shown = 0;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useExerciseShown = (): boolean => useSyncExternalStore(subscribe, () => shown > 0);

export function useExerciseNote(exercise: boolean): void {
  useEffect(() => {
    if (!exercise) return;
    shown += 1;
    for (const listener of listeners) listener();
    return () => {
      shown -= 1;
      for (const listener of listeners) listener();
    };
  }, [exercise]);
}
