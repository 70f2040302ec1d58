import { queryOptions, useQuery } from '@tanstack/react-query';
import { user } from '../api/schema';
import { useApi, type Api } from '../../kit';

/** `GET /users/me`: the caller's row in the application's own database. */
export const meQuery = (api: Api) =>
  queryOptions({
    queryKey: ['users', 'me'],
    queryFn: ({ signal }) => api('/users/me', user, { signal }),
  });

export function useMe() {
  return useQuery(meQuery(useApi()));
}
