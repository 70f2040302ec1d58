import { describe, expect, test } from 'vitest';
import { aTodo } from '../../testing/todos';
import type { Todo } from '../api/schema';
import type { OpenChange, TodoChange } from './todo-changes';
import { todoRows } from './todo-rows';
import type { TodoPages } from './todos-query';

const milk = aTodo({ id: 2, text: 'Buy milk' });
const bread = aTodo({ id: 1, text: 'Buy bread' });

const pagesOf = (...todos: Todo[]): TodoPages => ({
  pages: [{ todos, next_cursor: '', open_count: null, done_count: null }],
  pageParams: [''],
});
const open = (id: number, change: TodoChange, refusal?: Error): OpenChange => ({
  id,
  owner: undefined,
  change,
  refusal,
  delay: undefined,
});

describe('todoRows', () => {
  test('has nothing before the first answer', () => {
    expect(todoRows(undefined, [], undefined)).toEqual([]);
  });

  test('lays changes under way over what the API said', () => {
    const rows = todoRows(
      pagesOf(milk, bread),
      [
        open(1, { kind: 'edit', todo: milk, fields: { done: true } }),
        open(2, { kind: 'edit', todo: milk, fields: { text: 'Buy oat milk' } }),
        open(3, { kind: 'delete', todo: bread }),
        open(4, { kind: 'add', key: 'k1', text: 'Buy salt' }),
        open(5, { kind: 'add', key: 'k2', text: 'Buy sugar' }),
      ],
      undefined,
    );
    expect(rows.map(({ text, done, isSaving }) => ({ text, done, isSaving }))).toEqual([
      { text: 'Buy sugar', done: false, isSaving: true },
      { text: 'Buy salt', done: false, isSaving: true },
      { text: 'Buy oat milk', done: true, isSaving: true },
    ]);
  });

  test('shows the API’s state and the refused change beside it', () => {
    const refused = open(
      1,
      { kind: 'edit', todo: milk, fields: { text: 'x' } },
      new Error('too long'),
    );
    expect(todoRows(pagesOf(milk), [refused], undefined)).toMatchObject([
      { text: 'Buy milk', isSaving: false, refused: [refused] },
    ]);
  });

  test('keeps a todo that could not be added, and one that could not be deleted', () => {
    const rows = todoRows(
      pagesOf(milk),
      [
        open(1, { kind: 'add', key: 'k', text: 'Buy salt' }, new Error('no')),
        open(2, { kind: 'delete', todo: milk }, new Error('no')),
      ],
      undefined,
    );
    expect(rows.map(({ text, refused }) => [text, refused.length])).toEqual([
      ['Buy salt', 1],
      ['Buy milk', 1],
    ]);
  });

  test('keeps a refused change of a todo that is gone', () => {
    const refused = open(1, { kind: 'edit', todo: milk, fields: { text: 'x' } }, new Error('gone'));
    expect(todoRows(pagesOf(bread), [refused], undefined)).toMatchObject([
      { todo: undefined, text: 'Buy milk', refused: [refused] },
      { text: 'Buy bread', refused: [] },
    ]);
  });

  test('hides what is about to be deleted', () => {
    expect(todoRows(pagesOf(milk, bread), [], milk)).toMatchObject([{ text: 'Buy bread' }]);
  });
});
