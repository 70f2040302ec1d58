import * as z from 'zod/mini';
import { schemaOf } from '../api/schema-of';
import type { TodosConflict, TodosListResponse, TodosTodo } from '../api/types.gen';

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

/** The details of a 409: the todo as it is now. */
export const conflict = schemaOf<TodosConflict>()(z.object({ current: todo }));
