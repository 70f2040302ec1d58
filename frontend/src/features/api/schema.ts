import * as z from 'zod/mini';
import { schemaOf } from './schema-of';
import type { ApiHelloResponse, UsersListResponse, UsersUser } from './types.gen';

/** The response of the smallest protected endpoint. */
export const hello = schemaOf<ApiHelloResponse>()(z.object({ message: z.string() }));

/** A person's row in the database. */
export const user = schemaOf<UsersUser>()(
  z.object({
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
    last_seen_at: z.nullable(z.string()),
  }),
);
export type User = z.infer<typeof user>;

export const userPage = schemaOf<UsersListResponse>()(
  z.object({ users: z.array(user), next_cursor: z.string() }),
);
