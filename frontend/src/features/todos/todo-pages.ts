import type { Todo } from './todos-schema';
import { isShown, type Filter, type TodoPages } from './todo-lists';

/** How many todos a list has. */
export interface Counts {
  open: number;
  done: number;
}

/** The API counts no further. */
export const maxCount = 1000;

/** The counts of a whole list, whatever part of it is in memory. */
export function countsOf(pages: TodoPages | undefined): Counts {
  const first = pages?.pages[0];
  return { open: first?.open_count ?? 0, done: first?.done_count ?? 0 };
}

/** Counts todos in or out. What is too many to be counted stays so. */
export function recount(counts: Counts, gone: { done: boolean }[], come: { done: boolean }[]) {
  const { open, done } = counts;
  const change = (isDone: boolean) =>
    come.filter((todo) => todo.done === isDone).length -
    gone.filter((todo) => todo.done === isDone).length;
  return {
    open: open >= maxCount ? open : Math.max(0, open + change(false)),
    done: done >= maxCount ? done : Math.max(0, done + change(true)),
  };
}

export function findTodo(pages: TodoPages | undefined, id: number): Todo | undefined {
  return pages?.pages.flatMap((page) => page.todos).find((todo) => todo.id === id);
}

/**
 * What becomes of the pages in memory when the API has accepted a change.
 *
 * @param before The todos that it changed or deleted, as the person saw them.
 * @param saved What the API made of them, unless they are deleted.
 */
export function afterChange(
  pages: TodoPages,
  filter: Filter,
  before: Todo[],
  saved: Todo | undefined,
): TodoPages {
  const loaded = new Map(pages.pages.flatMap((page) => page.todos).map((todo) => [todo.id, todo]));
  const known = saved && loaded.get(saved.id);
  if (known && known.version > saved.version) return pages;

  const gone = known ? [known] : before.map((todo) => loaded.get(todo.id) ?? todo);
  const goneIds = new Set(gone.map(({ id }) => id));
  const stays = saved && isShown(filter, saved.done) ? [saved] : [];
  const kept = mapTodos(pages, (todos) =>
    todos.flatMap((todo) => {
      if (!goneIds.has(todo.id)) return [todo];
      return todo === known ? stays : [];
    }),
  );
  const counts = recount(countsOf(pages), gone, saved ? [saved] : []);
  return withCounts(known ? kept : stays.reduce(withTodo, kept), counts);
}

/** Puts a todo where it belongs by its age. One that is older than all comes with a later page. */
function withTodo(pages: TodoPages, todo: Todo): TodoPages {
  const index = pages.pages.findIndex(
    (page) => page.next_cursor === '' || page.todos.some(({ id }) => id < todo.id),
  );
  return {
    ...pages,
    pages: pages.pages.map((page, i) =>
      i === index ? { ...page, todos: [...page.todos, todo].sort((a, b) => b.id - a.id) } : page,
    ),
  };
}

function withCounts(pages: TodoPages, { open, done }: Counts): TodoPages {
  return {
    ...pages,
    pages: pages.pages.map((page, index) =>
      index === 0 ? { ...page, open_count: open, done_count: done } : page,
    ),
  };
}

function mapTodos(pages: TodoPages, change: (todos: Todo[]) => Todo[]): TodoPages {
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, todos: change(page.todos) })) };
}
