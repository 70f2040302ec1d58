import { describe, expect, test, vi } from 'vitest';
import { aTodo } from './a-todo';
import { type Api, ApiError, type Call } from '../../kit';
import type { Todo } from './todos-schema';
import { ConflictError, saveTodo, type TodoFields } from './save-todo';

/** An API that holds one todo and refuses edits of another version. */
function apiWith(initial: Todo) {
  let stored = initial;
  const calls: unknown[] = [];
  const api = vi.fn((_path: string, _schema: unknown, call?: Call) => {
    const { version, ...fields } = call?.json as TodoFields & { version: number };
    calls.push(call?.json);
    if (version !== stored.version) {
      return Promise.reject(new ApiError(409, 'aborted', 'changed', { current: stored }));
    }
    stored = { ...stored, ...fields, version: version + 1 };
    return Promise.resolve(stored);
  });
  return { api: api as unknown as Api, calls };
}

const base = aTodo({ text: 'Buy milk', done: false, version: 1 });

describe('saveTodo', () => {
  test('names the version the person saw, and sends only what they changed', async () => {
    const { api, calls } = apiWith(base);
    expect(await saveTodo(api, base, { text: 'Buy oat milk' })).toMatchObject({
      text: 'Buy oat milk',
      version: 2,
    });
    expect(calls).toEqual([{ version: 1, text: 'Buy oat milk' }]);
  });

  test('goes on from the person’s own changes before', async () => {
    const { api, calls } = apiWith({ ...base, done: true, version: 2 });
    const seen = { ...base, done: true };
    expect(await saveTodo(api, seen, { text: 'Buy oat milk' })).toMatchObject({
      text: 'Buy oat milk',
      done: true,
      version: 3,
    });
    expect(calls).toHaveLength(2);
  });

  test.each([{ text: 'Buy soy milk' }, { done: true }])(
    'asks the person when somebody else changed the todo to %o',
    async (change) => {
      const theirs = { ...base, ...change, version: 2 };
      const { api, calls } = apiWith(theirs);
      await expect(saveTodo(api, base, { text: 'Buy oat milk' })).rejects.toEqual(
        new ConflictError(theirs),
      );
      expect(calls).toHaveLength(1);
    },
  );

  test('knows without a call when the newer version is here already', async () => {
    const theirs = { ...base, text: 'Buy soy milk', version: 2 };
    const { api, calls } = apiWith(theirs);
    await expect(saveTodo(api, base, { text: 'Buy oat milk' }, theirs)).rejects.toEqual(
      new ConflictError(theirs),
    );
    expect(calls).toHaveLength(0);
  });

  test('is content when it is done already, as after an answer that got lost', async () => {
    const saved = { ...base, done: true, version: 2 };
    const { api, calls } = apiWith(saved);
    expect(await saveTodo(api, base, { done: true })).toEqual(saved);
    expect(calls).toHaveLength(1);
  });

  test('gives up when the API refuses the version that it names', async () => {
    const api = vi.fn(() =>
      Promise.reject(new ApiError(409, 'aborted', 'changed', { current: base })),
    );
    await expect(saveTodo(api as unknown as Api, base, { done: true })).rejects.toThrow('changed');
    expect(api).toHaveBeenCalledTimes(1);
  });

  test('passes other refusals on', async () => {
    const refusal = new ApiError(404, 'not_found', 'no such todo');
    const api: Api = () => Promise.reject(refusal);
    await expect(saveTodo(api, base, { done: true })).rejects.toBe(refusal);
  });
});
