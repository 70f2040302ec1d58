import { useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { Button } from '../../components/button';
import type { Todo } from './todos-schema';
import { itemId } from './todo-item';
import styles from './undo-bar.module.css';
import type { UndoableDeletions } from './use-undoable-deletions';

/** Says what was deleted, and brings it back on demand: by the button, or by Ctrl+Z. */
export function UndoBar({
  deletions: { deletions, undo, hold },
}: {
  deletions: UndoableDeletions;
}) {
  const [restored, setRestored] = useState<Todo[]>([]);
  const last = deletions.at(-1);
  const before = deletions.slice(0, -1).flat().length;

  const bringBack = (staysAtButton: boolean) => {
    if (!last) return;
    flushSync(() => {
      undo();
      setRestored(last);
    });
    if (staysAtButton && deletions.length > 1) return;
    const row = last.map(({ id }) => document.getElementById(itemId(id))).find(Boolean);
    (row ?? document.getElementById('new-todo'))?.focus();
  };
  useUndoKey(
    last &&
      (() => {
        bringBack(false);
      }),
  );

  return (
    <div role="status" className={styles.region}>
      {restored.length > 0 && (
        <span className="visually-hidden">Brought back: {describe(restored)}.</span>
      )}
      {last && (
        <div className={styles.bar}>
          <span className={styles.text}>
            Deleted: <bdi>{describe(last)}</bdi>
            {before > 0 && <span>(and {before} before)</span>}
          </span>
          <Button
            variant="quiet"
            onClick={() => {
              bringBack(true);
            }}
            onPointerEnter={() => {
              hold(true);
            }}
            onPointerLeave={() => {
              hold(false);
            }}
            onFocus={() => {
              hold(true);
            }}
            onBlur={() => {
              hold(false);
            }}
            aria-keyshortcuts="Control+Z Meta+Z"
          >
            Undo
          </Button>
        </div>
      )}
    </div>
  );
}

function describe(todos: Todo[]): string {
  return todos.length === 1 && todos[0] ? todos[0].text : `${String(todos.length)} todos`;
}

/** Ctrl+Z, or Cmd+Z, outside text fields, which undo by themselves. */
function useUndoKey(onUndo: (() => void) | undefined): void {
  useEffect(() => {
    if (!onUndo) return undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      if (
        event.target instanceof HTMLInputElement &&
        event.target.type === 'text' &&
        event.target.value
      )
        return;
      event.preventDefault();
      onUndo();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
    };
  }, [onUndo]);
}
