import { type Api, ApiError } from '../../kit';
import { conflict, todo as todoSchema, type Todo } from '../api/schema';
import type { TodosEditParams } from '../api/types.gen';

/** The fields a person changes. */
export type TodoFields = Omit<TodosEditParams, 'version'>;

/** Somebody else changed the same field meanwhile. The person has to choose. */
export class ConflictError extends ApiError {
  override readonly name = 'ConflictError';
  /** What the other made of it. */
  readonly current: Todo;

  constructor(current: Todo) {
    super(409, 'aborted', 'Somebody else changed it meanwhile.', { current });
    this.current = current;
  }
}

const maxAttempts = 5;

/**
 * Changes fields of a todo, by merging three states of it: `base`, which the person looked at when
 * they made the change, `latest`, the last one known from the API, and the one the API reports when
 * that is no longer the latest. What others did to other fields stays.
 *
 * Rejects with {@link ConflictError} when somebody else changed the same field to something else.
 */
export async function saveTodo(
  api: Api,
  base: Todo,
  fields: TodoFields,
  latest: Todo = base,
): Promise<Todo> {
  for (let attempt = 1; ; attempt++) {
    if (matches(latest, fields)) return latest;
    if (!matches(latest, pick(base, fields))) throw new ConflictError(latest);
    try {
      return await api(`/todos/${String(base.id)}`, todoSchema, {
        method: 'PATCH',
        json: { version: latest.version, ...fields } satisfies TodosEditParams,
      });
    } catch (error) {
      const current = currentOf(error);
      if (!current || attempt === maxAttempts) throw error;
      latest = current;
    }
  }
}

function matches(todo: Todo, { text, done }: TodoFields): boolean {
  return (text === undefined || todo.text === text) && (done === undefined || todo.done === done);
}

function pick(todo: Todo, { text, done }: TodoFields): TodoFields {
  return {
    ...(text !== undefined && { text: todo.text }),
    ...(done !== undefined && { done: todo.done }),
  };
}

function currentOf(error: unknown): Todo | undefined {
  if (!(error instanceof ApiError) || error.code !== 'aborted') return undefined;
  return conflict.safeParse(error.details).data?.current;
}
