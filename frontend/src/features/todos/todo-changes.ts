import {
  useMutation,
  useMutationState,
  useQueryClient,
  type MutationKey,
  type QueryClient,
} from '@tanstack/react-query';
import { useCallback } from 'react';
import { type Api, ApiError } from '../../kit';
import { nothing, todo as todoSchema, type Todo } from '../api/schema';
import type { TodosCreateParams } from '../api/types.gen';
import { isUnsavedChange } from '../unsaved/unsaved';
import { ConflictError, saveTodo, type TodoFields } from './save-todo';
import { findTodo, replaceTodo, withoutTodo, withTodo } from './todo-pages';
import {
  allTodosKey,
  ownerOf,
  todosKey,
  todosQuery,
  type Owner,
  type TodoPages,
} from './todos-query';

/** What a person does to a list. `todo` is the todo as they saw it when they did it. */
export type TodoChange =
  | { kind: 'add'; key: string; text: string }
  | { kind: 'edit'; todo: Todo; fields: TodoFields }
  | { kind: 'delete'; todo: Todo };

/** A change that is on its way to the API, or that the API refused. */
export interface OpenChange {
  /** Tells it from other changes. */
  id: number;
  /** Whose list is changed. */
  owner: Owner;
  change: TodoChange;
  /** Why it was refused; undefined while it is on its way. */
  refusal: Error | undefined;
  /** Why it has to be tried again, when it has. */
  delay: Error | undefined;
}

/**
 * The changes to a list that the API hasn't accepted (yet), oldest first. They are laid over what
 * the API said last, and so need no rolling back.
 */
export function useOpenChanges(owner: Owner): OpenChange[] {
  return useOpenMutations(todosKey(owner));
}

/** The same for all lists at once. */
export function useAllOpenChanges(): OpenChange[] {
  return useOpenMutations(allTodosKey);
}

function useOpenMutations(mutationKey: MutationKey): OpenChange[] {
  return useMutationState({
    filters: { mutationKey, predicate: isUnsavedChange },
    select: ({ mutationId, options, state }) => ({
      id: mutationId,
      owner: ownerOf(options.mutationKey),
      change: state.variables as TodoChange,
      refusal: state.status === 'error' ? (state.error ?? undefined) : undefined,
      delay: state.failureReason ?? undefined,
    }),
  });
}

/** Returns a function that makes a change. Changes to one list are sent one after the other. */
export function useChangeTodos(owner: Owner): (change: TodoChange) => void {
  const mutationKey = todosKey(owner);
  const { mutate } = useMutation<Todo, Error, TodoChange>({
    mutationKey,
    scope: { id: mutationKey.join(':') },
  });
  return mutate;
}

/** Tells the client how to send changes to a list, whether it is on the page or not. */
export function sendTodoChanges(queryClient: QueryClient, apiFor: (owner: Owner) => Api): void {
  queryClient.setMutationDefaults<Todo, Error, TodoChange>(allTodosKey, {
    // What was refused stays until the person decides what to do with it.
    gcTime: Infinity,
    mutationFn: async (change, { mutationKey }) => {
      const owner = ownerOf(mutationKey);
      if (
        change.kind === 'delete' &&
        (await isGone(queryClient, apiFor(owner), owner, change.todo))
      )
        return change.todo;
      const latest = (id: number) =>
        findTodo(queryClient.getQueryData<TodoPages>(todosKey(owner)), id);
      return sendChange(apiFor(owner), change, latest);
    },
    onSuccess: (saved, change, _result, { mutationKey }) => {
      const owner = ownerOf(mutationKey);
      applyToPages(queryClient, owner, saved, change);
      forgetAccepted(queryClient, owner);
    },
    onError: (error, change, _result, { mutationKey }) => {
      if (!(error instanceof ConflictError)) return;
      applyToPages(queryClient, ownerOf(mutationKey), error.current, change);
    },
  });
}

/** Returns a function that drops a change that was refused. */
export function useDropChange(owner: Owner): (id: number) => void {
  const queryClient = useQueryClient();
  return useCallback(
    (id) => {
      const cache = queryClient.getMutationCache();
      const dropped = cache.find({ predicate: ({ mutationId }) => mutationId === id });
      if (dropped) cache.remove(dropped);
      // What refused it, such as a deletion by somebody else, may not be on the page yet.
      void queryClient.invalidateQueries({ queryKey: todosKey(owner) });
    },
    [queryClient, owner],
  );
}

/** Sends a change, and returns the todo as it is then. Sent twice it does no harm. */
async function sendChange(
  api: Api,
  change: TodoChange,
  latest: (id: number) => Todo | undefined,
): Promise<Todo> {
  switch (change.kind) {
    case 'add':
      return api('/todos', todoSchema, {
        method: 'POST',
        headers: { 'Idempotency-Key': change.key },
        json: { text: change.text } satisfies TodosCreateParams,
      });
    case 'edit':
      return saveTodo(api, change.todo, change.fields, newer(change.todo, latest(change.todo.id)));
    case 'delete':
      await api(`/todos/${String(change.todo.id)}`, nothing, { method: 'DELETE' }).catch(
        (error: unknown) => {
          // It is gone, as wished.
          if (!(error instanceof ApiError && error.status === 404)) throw error;
        },
      );
      return change.todo;
  }
}

/**
 * Whether a list doesn't have a todo any more. A deletion that was sent as the page was left is
 * repeated when it is back, since nobody knows whether it arrived: mostly it did.
 */
async function isGone(client: QueryClient, api: Api, owner: Owner, { id }: Todo): Promise<boolean> {
  // What the page shows, or is about to show. If that can't be had the deletion tells.
  const list = { ...todosQuery(api, owner), staleTime: 'static', retry: false } as const;
  const { pages } = await client.infiniteQuery(list).catch(() => ({ pages: [] }));
  const todos = pages.flatMap((page) => page.todos);
  // The newest come first.
  const isCovered = pages.at(-1)?.next_cursor === '' || todos.some((todo) => todo.id < id);
  return isCovered && !todos.some((todo) => todo.id === id);
}

function newer(seen: Todo, known: Todo | undefined): Todo {
  return known && known.version > seen.version ? known : seen;
}

/** Puts what the API says of a todo into the pages in memory. */
function applyToPages(queryClient: QueryClient, owner: Owner, saved: Todo, change: TodoChange) {
  const queryKey = todosKey(owner);
  queryClient.setQueryData<TodoPages>(queryKey, (pages) => {
    if (!pages) return undefined;
    switch (change.kind) {
      case 'add':
        return withTodo(pages, saved);
      case 'edit':
        return replaceTodo(pages, saved);
      case 'delete':
        return withoutTodo(pages, saved.id);
    }
  });
  // An answer under way may be from before the change.
  if (queryClient.isFetching({ queryKey }) > 0) void queryClient.invalidateQueries({ queryKey });
}

function forgetAccepted(queryClient: QueryClient, owner: Owner) {
  const cache = queryClient.getMutationCache();
  for (const accepted of cache.findAll({ mutationKey: todosKey(owner), status: 'success' })) {
    cache.remove(accepted);
  }
}
