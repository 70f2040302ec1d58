import { useCallback, useEffect, useRef, useState } from 'react';
import type { Todo } from './todos-schema';
import { useBeforeLeaving } from './unsaved/use-before-leaving';

const undoMs = 8_000;

export interface UndoableDeletions {
  /** What will be deleted unless the person undoes it: the todos of each deletion, oldest first. */
  deletions: Todo[][];
  remove: (todos: Todo[]) => void;
  /** Brings back what was deleted last. */
  undo: () => void;
  /** Stops the clock while the person is at the undo button. */
  hold: (isHeld: boolean) => void;
}

/**
 * Deletes todos after a while in which that can be undone: until then nothing is sent. Each deletion
 * and each undoing starts the while again; leaving the list, the page or the session ends it.
 *
 * @param commit Deletes for good. Must not change between renders.
 */
export function useUndoableDeletions(commit: (todos: Todo[]) => void): UndoableDeletions {
  const [deletions, setDeletions] = useState<Todo[][]>([]);
  const [isHeld, hold] = useState(false);
  const latest = useRef(deletions);

  const change = useCallback((changed: Todo[][]) => {
    latest.current = changed;
    setDeletions(changed);
    // The button goes without telling that nobody is at it any more.
    if (changed.length === 0) hold(false);
  }, []);

  const remove = useCallback(
    (todos: Todo[]) => {
      change([...latest.current, todos]);
    },
    [change],
  );

  const undo = useCallback(() => {
    change(latest.current.slice(0, -1));
  }, [change]);

  const commitAll = useCallback(() => {
    const todos = latest.current.flat();
    if (todos.length === 0) return;
    commit(todos);
    change([]);
  }, [commit, change]);

  useEffect(() => {
    if (deletions.length === 0 || isHeld) return undefined;
    const timer = setTimeout(commitAll, undoMs);
    return () => {
      clearTimeout(timer);
    };
  }, [deletions, isHeld, commitAll]);

  useEffect(() => commitAll, [commitAll]);
  useBeforeLeaving(commitAll);

  return { deletions, remove, undo, hold };
}
