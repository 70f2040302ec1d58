import { queryOptions, useQuery } from '@tanstack/react-query';
import { hello } from '../api/schema';
import { useApi, type Api } from '../../kit';

/** `GET /api/hello`, the smallest protected endpoint. */
export const helloQuery = (api: Api) =>
  queryOptions({
    queryKey: ['hello'],
    queryFn: ({ signal }) => api('/api/hello', hello, { signal }),
  });

export function useHello() {
  return useQuery(helloQuery(useApi()));
}
