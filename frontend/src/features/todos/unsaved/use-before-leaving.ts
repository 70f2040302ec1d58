import { useEffect } from 'react';

const tasks = new Set<() => void>();

/** Runs a task just before the person leaves the page or signs out. */
export function useBeforeLeaving(task: () => void): void {
  useEffect(() => {
    tasks.add(task);
    window.addEventListener('pagehide', task);
    return () => {
      tasks.delete(task);
      window.removeEventListener('pagehide', task);
    };
  }, [task]);
}

/** Runs the tasks of {@link useBeforeLeaving} now. */
export function finishBeforeLeaving(): void {
  for (const task of tasks) task();
}
