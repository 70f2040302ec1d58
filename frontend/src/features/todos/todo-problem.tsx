import { useState } from 'react';
import { Button } from '../../components/button';
import { ApiError, useErrorText } from '../../kit';
import { ConflictError } from './save-todo';
import { useDraft } from './unsaved/use-draft';
import type { OpenChange, TodoChange } from './todo-changes';
import { TodoEditor } from './todo-editor';
import styles from './todo-problem.module.css';

interface TodoProblemProps {
  refused: OpenChange;
  onChange: (change: TodoChange) => void;
  onDrop: (id: number) => void;
  /** The problem is about to go, and the focus with it. */
  onDone: () => void;
}

/** A change that the API refused: why, what the person wrote, and what they can do. */
export function TodoProblem({
  refused: { id, change, refusal },
  onChange,
  onDrop,
  onDone,
}: TodoProblemProps) {
  const [draft, setDraft] = useDraft('refused', draftName(change));
  const [isEditing, setIsEditing] = useState(draft !== '');
  const errorText = useErrorText();

  const drop = () => {
    setDraft('');
    onDone();
    onDrop(id);
  };
  const instead = (next: TodoChange) => () => {
    drop();
    onChange(next);
  };
  const text = textOf(change);
  const isGone = refusal instanceof ApiError && refusal.status === 404;
  const isConflict = refusal instanceof ConflictError;

  if (isEditing && text !== undefined) {
    return (
      <TodoEditor
        text={text}
        draft={draft || undefined}
        onType={setDraft}
        onSave={(changed) => {
          instead(withText(change, changed))();
        }}
        onCancel={() => {
          setDraft('');
          setIsEditing(false);
        }}
      />
    );
  }

  return (
    <div role="alert" className={styles.problem}>
      <p>{explain(change, refusal, isGone, errorText)}</p>
      {change.kind === 'edit' && (
        <p className={styles.mine}>
          {text === undefined ? (
            `You marked it as ${change.fields.done ? 'done' : 'not done'}.`
          ) : (
            <>
              You wrote: <bdi>{text}</bdi>
            </>
          )}
        </p>
      )}
      <div className={styles.actions}>
        {isConflict && (
          <Button
            variant="quiet"
            onClick={instead({ ...change, todo: refusal.current } as TodoChange)}
          >
            Keep mine
          </Button>
        )}
        {isGone && text !== undefined && (
          <Button
            variant="quiet"
            onClick={instead({ kind: 'add', key: crypto.randomUUID(), text })}
          >
            Add it again
          </Button>
        )}
        {!isGone && !isConflict && text !== undefined && (
          <Button
            variant="quiet"
            onClick={() => {
              setIsEditing(true);
            }}
          >
            Edit
          </Button>
        )}
        {!isGone && !isConflict && (
          <Button variant="quiet" onClick={instead(change)}>
            Try again
          </Button>
        )}
        <Button variant="quiet" onClick={drop}>
          {isConflict ? 'Keep theirs' : 'Discard'}
        </Button>
      </div>
    </div>
  );
}

function textOf(change: TodoChange): string | undefined {
  if (change.kind === 'add') return change.text;
  return change.kind === 'edit' ? change.fields.text : undefined;
}

/** Another text is another todo to the API: it takes a key for one text only. */
function withText(change: TodoChange, text: string): TodoChange {
  return change.kind === 'edit'
    ? { ...change, fields: { ...change.fields, text } }
    : { kind: 'add', key: crypto.randomUUID(), text };
}

function draftName(change: TodoChange): string {
  if (change.kind === 'add') return change.key;
  return change.kind === 'edit' ? String(change.todo.id) : '';
}

function explain(
  change: TodoChange,
  refusal: Error | undefined,
  isGone: boolean,
  errorText: (error: Error) => string,
): string {
  if (refusal instanceof ConflictError) return 'Somebody else changed this at the same time.';
  if (isGone) return 'Somebody has deleted this.';
  return `${whatFailed(change)}: ${refusal ? errorText(refusal) : 'unknown'}`;
}

function whatFailed(change: TodoChange): string {
  switch (change.kind) {
    case 'add':
      return 'This was not added';
    case 'edit':
      return 'Your change was not saved';
    case 'delete':
      return change.todos.length === 1
        ? 'This was not deleted'
        : `${String(change.todos.length)} todos were not deleted`;
  }
}
