import { infiniteQueryOptions, useInfiniteQuery, type InfiniteData } from '@tanstack/react-query';
import { todoPage, type TodoPage } from '../api/schema';
import { useApi, type Api } from '../api/use-api';

/** Whose list: an organization's id, or undefined for the person's own. */
export type Owner = string | undefined;

export type TodoPages = InfiniteData<TodoPage>;

const pageSize = '50';

export const todosKey = (owner: Owner) => ['todos', owner ?? null] as const;

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
