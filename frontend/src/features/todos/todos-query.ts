import {
  infiniteQueryOptions,
  useInfiniteQuery,
  type InfiniteData,
  type MutationKey,
} from '@tanstack/react-query';
import { todoPage, type TodoPage } from '../api/schema';
import { useApi, type Api } from '../../kit';

/** Whose list: an organization's id, or undefined for the person's own. */
export type Owner = string | undefined;

export type TodoPages = InfiniteData<TodoPage>;

const pageSize = '50';

/** What the keys of all lists begin with. */
export const allTodosKey = ['todos'] as const;

export const todosKey = (owner: Owner) => [...allTodosKey, owner ?? null] as const;

/** Whose list a key is of. */
export const ownerOf = (key: MutationKey | undefined): Owner =>
  typeof key?.[1] === 'string' ? key[1] : undefined;

/** Where a list is. */
export const todosPath = (owner: Owner) =>
  owner === undefined ? '/todos' : `/todos/organizations/${encodeURIComponent(owner)}`;

/** `GET /todos`, newest first, page by page. */
export const todosQuery = (api: Api, owner: Owner) =>
  infiniteQueryOptions({
    queryKey: todosKey(owner),
    queryFn: ({ pageParam: cursor, signal }) =>
      api('/todos', todoPage, {
        query: { limit: pageSize, cursor },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor || undefined,
  });

export function useTodos(owner: Owner) {
  return useInfiniteQuery(todosQuery(useApi(owner), owner));
}
