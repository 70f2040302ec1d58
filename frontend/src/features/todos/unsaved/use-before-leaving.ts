import { useEffect } from 'react';

const tasks = new Set<() => void>();

/** Has something done at the last moment when the person closes the page, leaves it or signs out. */
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

/** Does all of it, because the person is about to sign out. */
export function finishBeforeLeaving(): void {
  for (const task of tasks) task();
}
