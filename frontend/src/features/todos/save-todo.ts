import { ApiError, type Api } from '../../kit';
import { conflict, todo as todoSchema, type Todo } from './todos-schema';
import type { TodosEditParams } from '../api/types.gen';

/** The fields a person changes. */
export type TodoFields = Omit<TodosEditParams, 'version'>;

/** Somebody else changed the todo meanwhile. The person has to choose. */
export class ConflictError extends ApiError {
  override readonly name = 'ConflictError';
  /** What the other made of it. */
  readonly current: Todo;

  constructor(current: Todo) {
    super(409, 'aborted', 'Somebody else changed it meanwhile.', { current });
    this.current = current;
  }
}

/**
 * Changes fields of a todo as the person saw it. `latest` is the last one known from the API: their
 * own changes before this one may have made it newer.
 *
 * Rejects with {@link ConflictError} when it is not any more what they saw.
 */
export async function saveTodo(
  api: Api,
  seen: Todo,
  fields: TodoFields,
  latest: Todo = seen,
): Promise<Todo> {
  for (;;) {
    // It was saved before and the answer got lost, or somebody else did the same.
    if (isSame(latest, { ...seen, ...fields })) return latest;
    if (!isSame(latest, seen)) throw new ConflictError(latest);
    const { version } = latest;
    try {
      return await api(`/todos/${String(seen.id)}`, todoSchema, {
        method: 'PATCH',
        json: { version, ...fields } satisfies TodosEditParams,
      });
    } catch (error) {
      const { data } = conflict.safeParse(error instanceof ApiError ? error.details : undefined);
      if (!data || data.current.version === version) throw error;
      latest = data.current;
    }
  }
}

function isSame(one: Todo, other: Todo): boolean {
  return one.text === other.text && one.done === other.done;
}
