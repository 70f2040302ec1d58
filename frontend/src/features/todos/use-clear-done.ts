import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../kit';
import type { Todo } from './todos-schema';
import { todoRows, type Overlay } from './todo-rows';
import { type Owner, type TodoPages } from './todo-lists';
import { todosQuery } from './todos-query';

/** At 50 a page these are as many as one call deletes. */
const maxPages = 20;

/**
 * Returns a function that deletes the todos that are done, and whether it is still reading which
 * those are: the list may not be in memory to its end. If the API is away, those in memory are.
 */
export function useClearDone(
  owner: Owner,
  overlay: Overlay,
  remove: (todos: Todo[]) => void,
): [clear: () => void, isClearing: boolean] {
  const queryClient = useQueryClient();
  const api = useApi();
  const [isClearing, setIsClearing] = useState(false);

  const known = () =>
    (['all', 'done'] as const).flatMap(
      (filter) => queryClient.getQueryData(todosQuery(api, owner, filter).queryKey) ?? [],
    );
  const finish = (lists: TodoPages[]) => {
    const done = lists
      .flatMap((pages) => todoRows(pages, overlay, 'done'))
      .flatMap(({ todo, text, done }) => (todo && done ? [{ ...todo, text, done }] : []));
    const each = [...new Map(done.map((todo) => [todo.id, todo])).values()];
    if (each.length > 0) remove(each);
  };

  const clear = () => {
    const whole = known().find((pages) => pages.pages.at(-1)?.next_cursor === '');
    if (whole) {
      finish([whole]);
      return;
    }
    setIsClearing(true);
    const list = { ...todosQuery(api, owner, 'done'), pages: maxPages, staleTime: 0 };
    void queryClient
      .infiniteQuery({ ...list, retry: false, networkMode: 'always' })
      .then((pages) => [pages], known)
      .then(finish)
      .finally(() => {
        setIsClearing(false);
      });
  };
  return [clear, isClearing];
}
