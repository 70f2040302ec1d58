import { memo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { IconButton } from '../../components/icon-button';
import type { Todo } from './todos-schema';
import type { TodoChange } from './todo-changes';
import { TodoEditor } from './todo-editor';
import styles from './todo-item.module.css';
import { TodoProblem } from './todo-problem';
import type { TodoRow } from './todo-rows';
import type { EditDrafts } from './use-edit-drafts';

interface TodoItemProps extends Omit<TodoRow, 'key'> {
  canWrite: boolean;
  /** A tick takes it out of what is shown. */
  goesWhenTicked: boolean;
  drafts: EditDrafts;
  onChange: (change: TodoChange) => void;
  onDelete: (todos: Todo[]) => void;
  /** Drops a refused change. */
  onDrop: (id: number) => void;
}

/** The id of a todo's checkbox. */
export const itemId = (id: number) => `todo-${String(id)}`;

/** A line of the list. Memoised: there may be thousands, and a change concerns one. */
export const TodoItem = memo(function TodoItem(props: TodoItemProps) {
  const { todo, text, done, isSaving, refused, canWrite, goesWhenTicked } = props;
  const { drafts, onChange, onDelete, onDrop } = props;
  const row = useRef<HTMLLIElement>(null);
  const editButton = useRef<HTMLButtonElement>(null);
  // What the person saw when they began to edit: a change by somebody else may come meanwhile.
  const [edited, setEdited] = useState(() => todo && drafts.get(todo.id)?.todo);
  const isFixed = !canWrite || !todo;
  // As the person sees it: what they changed before may not be saved yet.
  const seen = todo && { ...todo, text, done };

  const stopEditing = () => {
    if (edited) drafts.set(edited.id, undefined);
    flushSync(() => {
      setEdited(undefined);
    });
    editButton.current?.focus();
  };

  return (
    <li ref={row} className={styles.item} aria-busy={isSaving}>
      {edited ? (
        <TodoEditor
          text={edited.text}
          draft={drafts.get(edited.id)?.text}
          onType={(typed) => {
            drafts.set(
              edited.id,
              typed === edited.text ? undefined : { todo: edited, text: typed },
            );
          }}
          onSave={(changed) => {
            if (changed !== edited.text) {
              onChange({ kind: 'edit', todo: edited, fields: { text: changed } });
            }
            stopEditing();
          }}
          onCancel={stopEditing}
        />
      ) : (
        <div className={styles.line}>
          <label className={styles.label}>
            <input
              id={todo && itemId(todo.id)}
              type="checkbox"
              checked={done}
              // Until it is saved nothing can be done with it, and its row is about to be another.
              disabled={!todo}
              aria-disabled={isFixed}
              onChange={() => {
                if (!canWrite || !seen) return;
                if (goesWhenTicked) focusNeighbour(row.current);
                onChange({ kind: 'edit', todo: seen, fields: { done: !done } });
              }}
            />
            <span dir="auto">{text}</span>
          </label>
          {isSaving && <span className={styles.saving}>Saving…</span>}
          {!isFixed && seen && (
            <>
              <IconButton
                ref={editButton}
                icon="edit"
                label={`Edit ${text}`}
                data-key="F2"
                onClick={() => {
                  setEdited(seen);
                }}
              />
              <IconButton
                icon="delete"
                label={`Delete ${text}`}
                data-key="Delete"
                onClick={() => {
                  focusNeighbour(row.current);
                  onDelete([seen]);
                }}
              />
            </>
          )}
        </div>
      )}
      {refused.map((open) => (
        <TodoProblem
          key={open.id}
          refused={open}
          onChange={onChange}
          onDrop={onDrop}
          onDone={() => {
            focusRow(row.current);
          }}
        />
      ))}
    </li>
  );
});

/** Where the focus goes when what had it in the row does, but not the row. */
function focusRow(row: HTMLElement | null): void {
  const control = controlOf(row);
  if (control) control.focus();
  else focusNeighbour(row);
}

/** Where the focus goes when its row does: the next row, else the one before, else the field above. */
function focusNeighbour(row: HTMLElement | null): void {
  const control = controlOf(row?.nextElementSibling) ?? controlOf(row?.previousElementSibling);
  (control ?? document.getElementById('new-todo'))?.focus();
}

function controlOf(row: Element | null | undefined): HTMLElement | null | undefined {
  return row?.querySelector<HTMLElement>('input[type="checkbox"]:enabled');
}
