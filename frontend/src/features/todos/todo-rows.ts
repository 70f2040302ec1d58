import type { Todo } from './todos-schema';
import type { OpenChange } from './todo-changes';
import { countsOf, recount, type Counts } from './todo-pages';
import { isShown, type Filter, type TodoPages } from './todo-lists';

/** A line of the list as the person sees it: what the API said, with their open changes over it. */
export interface TodoRow {
  key: string;
  /** Undefined while the API doesn't know it. */
  todo: Todo | undefined;
  text: string;
  done: boolean;
  /** A change to it is on its way. */
  isSaving: boolean;
  /** Changes to it that were refused. */
  refused: OpenChange[];
}

/** What is applied to the API's last response. */
export interface Overlay {
  /** Changes on their way or refused, oldest first. */
  changes: OpenChange[];
  /** Deleted, but the person can still bring them back. */
  doomed: Todo[];
  /** Being edited: they stay, even if the API no longer has them. */
  edited: Todo[];
}

// One array for all, so that a row that didn't change isn't rendered again.
const none: OpenChange[] = [];

/** The list as the person sees it through a filter. What needs them is shown by each. */
export function todoRows(
  pages: TodoPages | undefined,
  { changes, doomed, edited }: Overlay,
  filter: Filter = 'all',
): TodoRow[] {
  const loaded = pages?.pages.flatMap((page) => page.todos) ?? [];
  const known = new Map(loaded.map((todo) => [todo.id, todo]));
  // Another filter has loaded them.
  const onTheirWay = changes.flatMap(({ change, refusal }) =>
    change.kind === 'edit' && !refusal ? [change.todo] : [],
  );
  for (const todo of [...onTheirWay, ...edited]) {
    if (!known.has(todo.id)) known.set(todo.id, todo);
  }
  for (const { id } of doomed) known.delete(id);

  const sorted = [...known.values()].sort((a, b) => b.id - a.id);
  const rows = new Map(sorted.map((todo) => [todo.id, savedRow(todo)]));
  const added: TodoRow[] = [];
  for (const open of changes) {
    const { change, refusal } = open;
    if (change.kind === 'add') {
      added.unshift(newRow(open, change.key, change.text));
      continue;
    }
    const todos = change.kind === 'edit' ? [change.todo] : change.todos;
    const row = todos.map(({ id }) => rows.get(id)).find(Boolean);
    if (refusal) {
      // What the person wrote stays, even if somebody deleted what they wrote it into.
      if (!row) added.push(...todos.slice(0, 1).map((todo) => refusedRow(todo, open)));
      else rows.set(Number(row.key), { ...row, refused: [...row.refused, open] });
    } else if (change.kind === 'delete') {
      for (const { id } of todos) rows.delete(id);
    } else if (row) {
      rows.set(change.todo.id, { ...row, ...change.fields, isSaving: true });
    }
  }

  const needed = new Set(edited.map(({ id }) => id));
  return [...added, ...rows.values()].filter(
    ({ todo, done, refused }) =>
      isShown(filter, done) || refused.length > 0 || (todo && needed.has(todo.id)),
  );
}

/** How many todos the list has as the person sees it. */
export function todoCounts(pages: TodoPages | undefined, { changes, doomed }: Overlay): Counts {
  const counts = changes.reduce((before, { change, refusal }) => {
    if (refusal) return before;
    switch (change.kind) {
      case 'add':
        return recount(before, [], [{ done: false }]);
      case 'edit':
        return recount(before, [change.todo], [{ ...change.todo, ...change.fields }]);
      case 'delete':
        return recount(before, change.todos, []);
    }
  }, countsOf(pages));
  return recount(counts, doomed, []);
}

function savedRow(todo: Todo): TodoRow {
  const { id, text, done } = todo;
  return { key: String(id), todo, text, done, isSaving: false, refused: none };
}

function refusedRow(todo: Todo, open: OpenChange): TodoRow {
  return { ...savedRow(todo), todo: undefined, refused: [open] };
}

function newRow(open: OpenChange, key: string, text: string): TodoRow {
  const isSaving = !open.refusal;
  return { key, todo: undefined, text, done: false, isSaving, refused: isSaving ? none : [open] };
}
