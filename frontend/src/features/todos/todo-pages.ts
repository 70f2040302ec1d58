import type { Todo } from '../api/schema';
import type { TodoPages } from './todos-query';

/** What a change that the API accepted does to the pages in memory. */

/** Puts a new todo at the top, unless a page already has it. */
export function withTodo(pages: TodoPages, todo: Todo): TodoPages {
  if (findTodo(pages, todo.id)) return replaceTodo(pages, todo);
  return {
    ...pages,
    pages: pages.pages.map((page, index) =>
      index === 0 ? { ...page, todos: [todo, ...page.todos] } : page,
    ),
  };
}

/** Replaces a todo by a newer version of it. */
export function replaceTodo(pages: TodoPages, todo: Todo): TodoPages {
  return mapTodos(pages, (todos) =>
    todos.map((known) => (known.id === todo.id && known.version <= todo.version ? todo : known)),
  );
}

export function withoutTodo(pages: TodoPages, id: number): TodoPages {
  return mapTodos(pages, (todos) => todos.filter((todo) => todo.id !== id));
}

export function findTodo(pages: TodoPages | undefined, id: number): Todo | undefined {
  return pages?.pages.flatMap((page) => page.todos).find((todo) => todo.id === id);
}

function mapTodos(pages: TodoPages, change: (todos: Todo[]) => Todo[]): TodoPages {
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, todos: change(page.todos) })) };
}
