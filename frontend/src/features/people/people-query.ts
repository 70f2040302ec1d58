import { infiniteQueryOptions, keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { userPage } from '../api/schema';
import { useApi, type Api } from '../../kit';

const pageSize = '30';

/** `GET /users`: everybody, newest first, or by name those whose name or e-mail begins with `search`. */
export const peopleQuery = (api: Api, search: string) =>
  infiniteQueryOptions({
    queryKey: ['users', 'list', search],
    queryFn: ({ pageParam: cursor, signal }) =>
      api('/users', userPage, {
        query: { search, limit: pageSize, cursor },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor || undefined,
    // The list stays while the next one loads.
    placeholderData: keepPreviousData,
  });

export function usePeople(search: string) {
  return useInfiniteQuery(peopleQuery(useApi(), search));
}
