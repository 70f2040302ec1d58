import type { Todo } from './todos-schema';
import { encoreError, json, stubFetch } from '../../testing/answers';
import { aTodo } from './a-todo';

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
        if (pathname === '/todos/delete') {
          const { ids } = (await request.json()) as { ids: number[] };
          api.todos = api.todos.filter((todo) => !ids.includes(todo.id));
          return new Response();
        }
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
      default: {
        const limit = Number(searchParams.get('limit'));
        const start = Number(searchParams.get('cursor'));
        const end = start + limit;
        const state = searchParams.get('state');
        const [open, done] = [false, true].map((isDone) =>
          api.todos.filter((todo) => todo.done === isDone),
        ) as [Todo[], Todo[]];
        const shown = state === 'open' ? open : state === 'done' ? done : api.todos;
        return json(200, {
          todos: shown.slice(start, end),
          next_cursor: end < shown.length ? String(end) : '',
          open_count: start === 0 ? open.length : null,
          done_count: start === 0 ? done.length : null,
        });
      }
    }
  });
  return { api, fetch };
}
