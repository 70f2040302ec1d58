import {
  infiniteQueryOptions,
  useInfiniteQuery,
  useQueryClient,
  type InfiniteData,
  type MutationKey,
} from '@tanstack/react-query';
import { useApi, type Api } from '../../kit';
import { todoPage, type TodoPage } from '../api/schema';

/** Whose list: an organization's id, or undefined for the person's own. */
export type Owner = string | undefined;

/** Which of the todos are shown. */
export const filters = ['all', 'open', 'done'] as const;
export type Filter = (typeof filters)[number];

export type TodoPages = InfiniteData<TodoPage>;

const pageSize = '50';

/** What the keys of all lists begin with. */
export const allTodosKey = ['todos'] as const;

/** What the keys of a list begin with, and the whole key of changes to it. */
export const todosKey = (owner: Owner) => [...allTodosKey, owner ?? null] as const;

/** Whose list a key is of. */
export const ownerOf = (key: MutationKey | undefined): Owner =>
  typeof key?.[1] === 'string' ? key[1] : undefined;

/** Where a list is. */
export const todosPath = (owner: Owner) =>
  owner === undefined ? '/todos' : `/todos/organizations/${encodeURIComponent(owner)}`;

export const isShown = (filter: Filter, done: boolean) =>
  filter === 'all' || done === (filter === 'done');

/** `GET /todos`, newest first, page by page. */
export const todosQuery = (api: Api, owner: Owner, filter: Filter) =>
  infiniteQueryOptions({
    queryKey: [...todosKey(owner), filter] as const,
    queryFn: ({ pageParam: cursor, signal }) =>
      api('/todos', todoPage, {
        query: { limit: pageSize, cursor, ...(filter !== 'all' && { state: filter }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor || undefined,
  });

export function useTodos(owner: Owner, filter: Filter) {
  const queryClient = useQueryClient();
  const api = useApi(owner);
  const whole = todosQuery(api, owner, 'all').queryKey;
  return useInfiniteQuery({
    ...todosQuery(api, owner, filter),
    // What is known already is shown at once.
    placeholderData: (shown) => queryClient.getQueryData(whole) ?? shown,
  });
}
