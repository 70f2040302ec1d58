import { useCallback, useEffect, useRef, useState } from 'react';
import type { Todo } from '../api/schema';
import { useBeforeLeaving } from '../unsaved/use-before-leaving';

const undoMs = 8_000;

export interface UndoableDelete {
  /** What will be deleted unless the person undoes it. */
  doomed: Todo | undefined;
  remove: (todo: Todo) => void;
  undo: () => void;
  /** Stops the clock while the person is at the undo button. */
  hold: (isHeld: boolean) => void;
}

/**
 * Deletes a todo after a while in which that can be undone: until then nothing is sent. The next
 * deletion, or leaving the list, the page or the session, ends the while.
 *
 * @param commit Deletes for good. Must not change between renders.
 */
export function useUndoableDelete(commit: (todo: Todo) => void): UndoableDelete {
  const [doomed, setDoomed] = useState<Todo>();
  const [isHeld, hold] = useState(false);
  const latest = useRef<Todo>(undefined);

  const doom = useCallback((todo: Todo | undefined) => {
    latest.current = todo;
    setDoomed(todo);
    hold(false);
  }, []);

  const commitDoomed = useCallback(() => {
    if (latest.current) commit(latest.current);
    doom(undefined);
  }, [commit, doom]);

  const remove = useCallback(
    (todo: Todo) => {
      commitDoomed();
      doom(todo);
    },
    [commitDoomed, doom],
  );

  const undo = useCallback(() => {
    doom(undefined);
  }, [doom]);

  useEffect(() => {
    if (!doomed || isHeld) return undefined;
    const timer = setTimeout(commitDoomed, undoMs);
    return () => {
      clearTimeout(timer);
    };
  }, [doomed, isHeld, commitDoomed]);

  useEffect(() => commitDoomed, [commitDoomed]);
  useBeforeLeaving(commitDoomed);

  return { doomed, remove, undo, hold };
}
