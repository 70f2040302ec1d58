import { infiniteQueryOptions, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useApi, type Api } from '../../kit';
import { todosKey, type Filter, type Owner } from './todo-lists';
import { todoPage } from './todos-schema';

const pageSize = '50';

/** `GET /todos`, newest first, page by page. */
export const todosQuery = (api: Api, owner: Owner, filter: Filter) =>
  infiniteQueryOptions({
    queryKey: [...todosKey(owner), filter] as const,
    queryFn: ({ pageParam: cursor, signal }) =>
      api('/todos', todoPage, {
        query: { limit: pageSize, cursor, ...(filter !== 'all' && { state: filter }) },
        signal,
        organizationId: owner,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor || undefined,
  });

export function useTodos(owner: Owner, filter: Filter) {
  const queryClient = useQueryClient();
  const api = useApi();
  const whole = todosQuery(api, owner, 'all').queryKey;
  return useInfiniteQuery({
    ...todosQuery(api, owner, filter),
    // What is known already is shown at once.
    placeholderData: (shown) => queryClient.getQueryData(whole) ?? shown,
  });
}
