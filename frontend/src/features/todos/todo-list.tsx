import { useCallback, useRef } from 'react';
import { LoadMore } from '../../components/load-more';
import { Skeleton } from '../../components/skeleton';
import { QueryResult } from '../../kit';
import { useDecodedAccessToken } from '../api/access-token-query';
import { scopesOf } from '../api/jwt';
import type { Todo } from '../api/schema';
import { AddTodo } from './add-todo';
import { useChangeTodos, useDropChange, useOpenChanges } from './todo-changes';
import { TodoItem } from './todo-item';
import styles from './todo-list.module.css';
import { todoRows } from './todo-rows';
import { useTodos, type Owner } from './todos-query';
import { UndoBar } from './undo-bar';
import { useEditDrafts } from './use-edit-drafts';
import { useListKeys } from './use-list-keys';
import { useUndoableDelete } from './use-undoable-delete';

/** A todo list, the person's own or an organization's. Give it a key when its owner can change. */
export function TodoList({ owner }: { owner: Owner }) {
  const todos = useTodos(owner);
  const changes = useOpenChanges(owner);
  const change = useChangeTodos(owner);
  const drop = useDropChange(owner);
  const canWrite = useCanWrite(owner);

  const commit = useCallback(
    (todo: Todo) => {
      change({ kind: 'delete', todo });
    },
    [change],
  );
  const deletion = useUndoableDelete(commit);
  const [edited, drafts] = useEditDrafts(owner);
  const list = useRef<HTMLUListElement>(null);
  useListKeys(list);

  const rows = todoRows(todos.data, changes, deletion.doomed, edited);
  return (
    <QueryResult query={todos} loading={<Skeleton rows={6} label="Loading todos…" />}>
      {() => (
        <section className={styles.todos} aria-label="Todos">
          {canWrite ? (
            <AddTodo owner={owner} onAdd={change} />
          ) : (
            <p className={styles.note}>
              You can read this list, but not change it. For that, ask an administrator for the
              permission <code>write:todos</code>.
            </p>
          )}
          {rows.length === 0 && <p className={styles.note}>Nothing here yet.</p>}
          <ul ref={list} className={styles.list}>
            {rows.map(({ key, ...row }) => (
              <TodoItem
                key={key}
                {...row}
                canWrite={canWrite}
                drafts={drafts}
                onChange={change}
                onDelete={deletion.remove}
                onDrop={drop}
              />
            ))}
          </ul>
          <LoadMore query={todos} />
          <UndoBar deletion={deletion} />
        </section>
      )}
    </QueryResult>
  );
}

/** Whether the access token lets the person change the list. Taken for granted until it is known. */
function useCanWrite(owner: Owner): boolean {
  const { data } = useDecodedAccessToken(owner);
  return !data || scopesOf(data).includes('write:todos');
}
