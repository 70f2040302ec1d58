import { Button } from '../../components/button';
import { ApiError } from '../api/api-error';
import { ConflictError } from './save-todo';
import type { OpenChange, TodoChange } from './todo-changes';
import styles from './todo-problem.module.css';

interface TodoProblemProps {
  refused: OpenChange;
  onChange: (change: TodoChange) => void;
  onDrop: (id: number) => void;
}

/** A change that the API refused: why, what the person wrote, and what they can do. */
export function TodoProblem({
  refused: { id, change, refusal },
  onChange,
  onDrop,
}: TodoProblemProps) {
  const instead = (next: TodoChange) => () => {
    onDrop(id);
    onChange(next);
  };
  const text = change.kind === 'edit' ? change.fields.text : undefined;
  const isGone = refusal instanceof ApiError && refusal.status === 404;

  return (
    <div role="alert" className={styles.problem}>
      <p>{explain(change, refusal, isGone)}</p>
      {text !== undefined && (
        <p className={styles.mine}>
          You wrote: <bdi>{text}</bdi>
        </p>
      )}
      <div className={styles.actions}>
        {refusal instanceof ConflictError && (
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
        {!isGone && !(refusal instanceof ConflictError) && (
          <Button variant="quiet" onClick={instead(change)}>
            Try again
          </Button>
        )}
        <Button
          variant="quiet"
          onClick={() => {
            onDrop(id);
          }}
        >
          {refusal instanceof ConflictError ? 'Keep theirs' : 'Discard'}
        </Button>
      </div>
    </div>
  );
}

function explain(change: TodoChange, refusal: Error | undefined, isGone: boolean): string {
  if (refusal instanceof ConflictError) return 'Somebody else changed this while you did.';
  if (isGone) return 'It was deleted meanwhile.';
  const what = {
    add: 'It was not added',
    edit: 'The change was not saved',
    delete: 'It was not deleted',
  };
  return `${what[change.kind]}: ${refusal?.message ?? 'unknown'}`;
}
