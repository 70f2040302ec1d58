import { useCallback, useRef } from 'react';
import { useSearchParams } from 'react-router';
import { LoadMore } from '../../components/load-more';
import { Skeleton } from '../../components/skeleton';
import { QueryResult } from '../../kit';
import { useDecodedAccessToken } from '../api/access-token-query';
import { scopesOf } from '../api/jwt';
import type { Todo } from './todos-schema';
import { AddTodo } from './add-todo';
import { FilterBar } from './filter-bar';
import { useChangeTodos, useDropChange, useOpenChanges } from './todo-changes';
import { TodoItem } from './todo-item';
import styles from './todo-list.module.css';
import { todoCounts, todoRows } from './todo-rows';
import { filters, type Owner } from './todo-lists';
import { useTodos } from './todos-query';
import { UndoBar } from './undo-bar';
import { useClearDone } from './use-clear-done';
import { useEditDrafts } from './use-edit-drafts';
import { useListKeys } from './use-list-keys';
import { useUndoableDeletions } from './use-undoable-deletions';

/**
 * A todo list, the person's own or an organization's. The address says which of the todos are shown.
 * Give it a key when its owner can change.
 */
export function TodoList({ owner }: { owner: Owner }) {
  const [search] = useSearchParams();
  const filter = filters.find((name) => name === search.get('state')) ?? 'all';
  const todos = useTodos(owner, filter);
  const changes = useOpenChanges(owner);
  const change = useChangeTodos(owner);
  const drop = useDropChange(owner);
  const canWrite = useCanWrite(owner);

  const commit = useCallback(
    (todos: Todo[]) => {
      change({ kind: 'delete', todos });
    },
    [change],
  );
  const deletions = useUndoableDeletions(commit);
  const [edited, drafts] = useEditDrafts(owner);
  const overlay = { changes, edited, doomed: deletions.deletions.flat() };
  const [clear, isClearing] = useClearDone(owner, overlay, deletions.remove);
  const list = useRef<HTMLUListElement>(null);
  useListKeys(list);

  const rows = todoRows(todos.data, overlay, filter);
  const loading = <Skeleton rows={6} label="Loading todos…" />;
  return (
    <QueryResult query={todos} loading={loading}>
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
          <FilterBar
            filter={filter}
            counts={todoCounts(todos.data, overlay)}
            onClear={canWrite ? clear : undefined}
            isClearing={isClearing}
          />
          {rows.length === 0 &&
            (todos.isPlaceholderData ? loading : <p className={styles.note}>{empty[filter]}</p>)}
          <ul ref={list} className={styles.list}>
            {rows.map(({ key, ...row }) => (
              <TodoItem
                key={key}
                {...row}
                canWrite={canWrite}
                goesWhenTicked={filter !== 'all'}
                drafts={drafts}
                onChange={change}
                onDelete={deletions.remove}
                onDrop={drop}
              />
            ))}
          </ul>
          <LoadMore query={todos} />
          <UndoBar deletions={deletions} />
        </section>
      )}
    </QueryResult>
  );
}

const empty = {
  all: 'Nothing here yet.',
  open: 'Nothing left to do.',
  done: 'Nothing done yet.',
};

/** Whether the access token lets the person change the list. Taken for granted until it is known. */
function useCanWrite(owner: Owner): boolean {
  const { data } = useDecodedAccessToken(owner);
  return !data || scopesOf(data).includes('write:todos');
}
