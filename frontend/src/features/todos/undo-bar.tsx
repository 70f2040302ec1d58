import { useEffect } from 'react';
import { flushSync } from 'react-dom';
import { Button } from '../../components/button';
import { itemId } from './todo-item';
import styles from './undo-bar.module.css';
import type { UndoableDelete } from './use-undoable-delete';

/** Says what was deleted, and brings it back on demand: by the button, or by Ctrl+Z. */
export function UndoBar({ deletion: { doomed, undo, hold } }: { deletion: UndoableDelete }) {
  const bringBack = () => {
    if (!doomed) return;
    flushSync(undo);
    document.getElementById(itemId(doomed.id))?.focus();
  };
  useUndoKey(doomed ? bringBack : undefined);

  return (
    <div role="status" className={styles.region}>
      {doomed && (
        <div className={styles.bar}>
          <span className={styles.text}>
            Deleted: <bdi>{doomed.text}</bdi>
          </span>
          <Button
            variant="quiet"
            onClick={bringBack}
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
