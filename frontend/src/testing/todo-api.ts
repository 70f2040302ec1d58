import type { Todo } from '../features/api/schema';
import { encoreError, json, stubFetch } from './answers';
import { aTodo } from './todos';

type MaybePromise<T> = T | Promise<T>;

/**
 * Replaces fetch by an API with one list of todos, which can be made to fail. It keeps the rules of
 * the real one: versions, idempotency keys, pages.
 */
export function stubTodoApi(initial: Todo[] = []) {
  const api = {
    todos: initial,
    /** Answers in the place of the API, when it returns something. */
    fail: undefined as ((request: Request) => MaybePromise<Response | undefined>) | undefined,
  };
  const made = new Map<string, Todo>();
  let lastId = Math.max(0, ...initial.map(({ id }) => id));

  const fetch = stubFetch(async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const failure = await api.fail?.(request);
    if (failure) return failure;
    const id = Number(pathname.split('/')[2]);
    const known = api.todos.find((todo) => todo.id === id);

    switch (request.method) {
      case 'POST': {
        const { text } = (await request.json()) as { text: string };
        const key = request.headers.get('Idempotency-Key') ?? '';
        const todo = made.get(key) ?? aTodo({ id: ++lastId, text });
        if (!made.has(key)) api.todos = [todo, ...api.todos];
        made.set(key, todo);
        return json(200, todo);
      }
      case 'PATCH': {
        if (!known) return encoreError(404, 'not_found', 'no such todo');
        const { version, ...fields } = (await request.json()) as Partial<Todo>;
        if (version !== known.version) {
          return encoreError(409, 'aborted', 'changed', { current: known });
        }
        const changed = { ...known, ...fields, version: version + 1 };
        api.todos = api.todos.map((todo) => (todo.id === id ? changed : todo));
        return json(200, changed);
      }
      case 'DELETE':
        if (!known) return encoreError(404, 'not_found', 'no such todo');
        api.todos = api.todos.filter((todo) => todo !== known);
        return new Response();
      default: {
        const limit = Number(searchParams.get('limit'));
        const start = Number(searchParams.get('cursor'));
        const end = start + limit;
        const next_cursor = end < api.todos.length ? String(end) : '';
        const isFirst = start === 0;
        const done_count = isFirst ? api.todos.filter(({ done }) => done).length : null;
        const open_count = isFirst ? api.todos.filter(({ done }) => !done).length : null;
        const todos = api.todos.slice(start, end);
        return json(200, { todos, next_cursor, open_count, done_count });
      }
    }
  });
  return { api, fetch };
}
