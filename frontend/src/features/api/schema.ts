import * as z from 'zod/mini';
import type {
  ApiHelloResponse,
  TodosConflict,
  TodosListResponse,
  TodosTodo,
  UsersListResponse,
  UsersUser,
} from './types.gen';

/**
 * A schema of what the backend's Go code says it answers. It compiles only if both have the same
 * fields with the same types.
 */
const schemaOf =
  <T>() =>
  <S extends z.ZodMiniType<T>>(schema: S & (T extends z.infer<S> ? unknown : never)): S =>
    schema;

/** An answer without a body. */
export const nothing = z.undefined();

/** The answer of the smallest protected endpoint. */
export const hello = schemaOf<ApiHelloResponse>()(z.object({ message: z.string() }));

/** A person's row in the application's own database. */
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

export const todo = schemaOf<TodosTodo>()(
  z.object({
    id: z.number(),
    owner_id: z.nullable(z.number()),
    organization_id: z.nullable(z.string()),
    text: z.string(),
    done: z.boolean(),
    version: z.number(),
    created_at: z.string(),
    updated_at: z.string(),
  }),
);
export type Todo = z.infer<typeof todo>;

export const todoPage = schemaOf<TodosListResponse>()(
  z.object({
    todos: z.array(todo),
    next_cursor: z.string(),
    open_count: z.nullable(z.number()),
    done_count: z.nullable(z.number()),
  }),
);

export type TodoPage = z.infer<typeof todoPage>;

/** In the details of a 409: the todo as it is now. */
export const conflict = schemaOf<TodosConflict>()(z.object({ current: todo }));
