import type { Todo } from '../api/schema';
import type { OpenChange } from './todo-changes';
import type { TodoPages } from './todos-query';

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

// One array for all, so that a row that didn't change isn't rendered again.
const none: OpenChange[] = [];

/**
 * The list as the person sees it. `hidden` is being deleted and can still be brought back; `edited`
 * are in the middle of an edit, and stay even if the pages in memory don't have them (any more).
 */
export function todoRows(
  pages: TodoPages | undefined,
  changes: OpenChange[],
  hidden: Todo | undefined,
  edited: Todo[] = [],
): TodoRow[] {
  const loaded = pages?.pages.flatMap((page) => page.todos) ?? [];
  const missing = edited.filter(({ id }) => !loaded.some((todo) => todo.id === id));
  const known = [...missing, ...loaded].filter((todo) => todo.id !== hidden?.id).map(savedRow);
  const rows = new Map(known.map((row) => [row.key, row]));
  const added: TodoRow[] = [];

  for (const open of changes) {
    const { change } = open;
    if (change.kind === 'add') {
      added.unshift(newRow(open, change.key, change.text));
      continue;
    }
    const row = rows.get(String(change.todo.id));
    if (!row) {
      // What the person wrote stays, even if somebody deleted what they wrote it into.
      if (open.refusal) added.push({ ...savedRow(change.todo), todo: undefined, refused: [open] });
      continue;
    }
    if (open.refusal) rows.set(row.key, { ...row, refused: [...row.refused, open] });
    else if (change.kind === 'delete') rows.delete(row.key);
    else rows.set(row.key, { ...row, ...change.fields, isSaving: true });
  }
  return [...added, ...rows.values()];
}

function savedRow(todo: Todo): TodoRow {
  const { id, text, done } = todo;
  return { key: String(id), todo, text, done, isSaving: false, refused: none };
}

function newRow(open: OpenChange, key: string, text: string): TodoRow {
  const isSaving = !open.refusal;
  return { key, todo: undefined, text, done: false, isSaving, refused: isSaving ? none : [open] };
}
