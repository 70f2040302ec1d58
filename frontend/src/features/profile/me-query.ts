import { queryOptions, useQuery } from '@tanstack/react-query';
import * as z from 'zod/mini';
import { useApi, type Api } from '../api/use-api';

const me = z.object({
  id: z.number(),
  logto_id: z.string(),
  username: z.nullable(z.string()),
  email: z.nullable(z.string()),
  phone: z.nullable(z.string()),
  name: z.nullable(z.string()),
  picture: z.nullable(z.string()),
  suspended: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
  last_seen_at: z.string(),
});

/** `GET /users/me`: the caller's row in the application's own database. */
export const meQuery = (api: Api) =>
  queryOptions({
    queryKey: ['users', 'me'],
    queryFn: ({ signal }) => api('/users/me', me, { signal }),
  });

export function useMe() {
  return useQuery(meQuery(useApi()));
}
