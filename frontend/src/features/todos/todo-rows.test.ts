import { describe, expect, test } from 'vitest';
import { aTodo } from './a-todo';
import type { Todo } from './todos-schema';
import type { OpenChange, TodoChange } from './todo-changes';
import { todoCounts, todoRows, type Overlay, type TodoRow } from './todo-rows';
import type { Filter, TodoPages } from './todo-lists';

const milk = aTodo({ id: 2, text: 'Buy milk' });
const bread = aTodo({ id: 1, text: 'Buy bread' });

const pagesOf = (...todos: Todo[]): TodoPages => ({
  pages: [{ todos, next_cursor: '', open_count: null, done_count: null }],
  pageParams: [''],
});
const rowsOf = (
  pages: TodoPages | undefined,
  changes: OpenChange[] = [],
  filter: Filter = 'all',
  { doomed = [], edited = [] }: Partial<Overlay> = {},
) => todoRows(pages, { changes, doomed, edited }, filter);
const textsOf = (rows: TodoRow[]) => rows.map(({ text }) => text);
const open = (id: number, change: TodoChange, refusal?: Error): OpenChange => ({
  id,
  owner: undefined,
  change,
  refusal,
  delay: undefined,
});

describe('todoRows', () => {
  test('has nothing before the first answer', () => {
    expect(rowsOf(undefined)).toEqual([]);
  });

  test('lays changes under way over what the API said', () => {
    const rows = rowsOf(pagesOf(milk, bread), [
      open(1, { kind: 'edit', todo: milk, fields: { done: true } }),
      open(2, { kind: 'edit', todo: milk, fields: { text: 'Buy oat milk' } }),
      open(3, { kind: 'delete', todos: [bread] }),
      open(4, { kind: 'add', key: 'k1', text: 'Buy salt' }),
      open(5, { kind: 'add', key: 'k2', text: 'Buy sugar' }),
    ]);
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
    expect(rowsOf(pagesOf(milk), [refused])).toMatchObject([
      { text: 'Buy milk', isSaving: false, refused: [refused] },
    ]);
  });

  test('keeps a todo that could not be added, and one that could not be deleted', () => {
    const rows = rowsOf(pagesOf(milk), [
      open(1, { kind: 'add', key: 'k', text: 'Buy salt' }, new Error('no')),
      open(2, { kind: 'delete', todos: [milk] }, new Error('no')),
    ]);
    expect(rows.map(({ text, refused }) => [text, refused.length])).toEqual([
      ['Buy salt', 1],
      ['Buy milk', 1],
    ]);
  });

  test('keeps a refused change of a todo that is gone', () => {
    const refused = open(1, { kind: 'edit', todo: milk, fields: { text: 'x' } }, new Error('gone'));
    expect(rowsOf(pagesOf(bread), [refused])).toMatchObject([
      { todo: undefined, text: 'Buy milk', refused: [refused] },
      { text: 'Buy bread', refused: [] },
    ]);
  });

  test('hides what is about to be deleted', () => {
    const rows = rowsOf(pagesOf(milk, bread), [], 'all', { doomed: [milk] });
    expect(textsOf(rows)).toEqual(['Buy bread']);
  });

  test('shows many that could not be deleted again, and says so once', () => {
    const refused = open(1, { kind: 'delete', todos: [milk, bread] }, new Error('no'));
    const rows = rowsOf(pagesOf(milk, bread), [refused]);
    expect(rows.map(({ text, refused: { length } }) => [text, length])).toEqual([
      ['Buy milk', 1],
      ['Buy bread', 0],
    ]);
  });

  test('a filter shows what the person made of the todos, and what needs them', () => {
    const salt = aTodo({ id: 3, text: 'Buy salt', done: true });
    const changes = [
      open(1, { kind: 'edit', todo: milk, fields: { done: true } }),
      open(2, { kind: 'edit', todo: bread, fields: { text: 'x' } }, new Error('no')),
      open(3, { kind: 'add', key: 'k', text: 'Buy sugar' }),
    ];
    const pages = pagesOf(salt, milk, bread);
    expect(textsOf(rowsOf(pages, changes, 'open'))).toEqual(['Buy sugar', 'Buy bread']);
    expect(textsOf(rowsOf(pages, changes, 'done'))).toEqual(['Buy salt', 'Buy milk', 'Buy bread']);
    // The milk is not among those that are done until the change is saved.
    expect(textsOf(rowsOf(pagesOf(salt), changes.slice(0, 1), 'done'))).toEqual([
      'Buy salt',
      'Buy milk',
    ]);
    const edited = { edited: [salt] };
    expect(textsOf(rowsOf(pages, [], 'open', edited))).toEqual([
      'Buy salt',
      'Buy milk',
      'Buy bread',
    ]);
  });
});

describe('todoCounts', () => {
  const pages: TodoPages = {
    ...pagesOf(),
    pages: [{ todos: [milk], next_cursor: 'x', open_count: 7, done_count: 1000 }],
  };

  test('counts in what the person changed, and no further than the API', () => {
    const salt = aTodo({ id: 3, done: true });
    const changes = [
      open(1, { kind: 'add', key: 'k', text: 'Buy sugar' }),
      open(2, { kind: 'edit', todo: milk, fields: { done: true } }),
      open(3, { kind: 'edit', todo: bread, fields: { text: 'x' } }),
      open(4, { kind: 'edit', todo: bread, fields: { done: true } }, new Error('no')),
    ];
    expect(todoCounts(pages, { changes, doomed: [salt, bread], edited: [] })).toEqual({
      open: 6,
      done: 1000,
    });
  });
});
