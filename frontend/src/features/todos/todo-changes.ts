import {
  useMutation,
  useMutationState,
  useQueryClient,
  type MutationKey,
  type QueryClient,
} from '@tanstack/react-query';
import { useCallback } from 'react';
import type { Api } from '../../kit';
import { nothing } from '../api/schema-of';
import type { TodosCreateParams, TodosDeleteManyParams } from '../api/types.gen';
import { isUnsavedChange } from './unsaved/unsaved';
import { ConflictError, saveTodo, type TodoFields } from './save-todo';
import { afterChange, countsOf, findTodo, maxCount } from './todo-pages';
import {
  allTodosKey,
  ownerOf,
  todosKey,
  type Filter,
  type Owner,
  type TodoPages,
} from './todo-lists';
import { todo as todoSchema, type Todo } from './todos-schema';

/** How many todos the API deletes by one call at most. */
const maxDeleted = 1000;

/** What a person does to a list. `todo` is the todo as they saw it when they did it. */
export type TodoChange =
  | { kind: 'add'; key: string; text: string }
  | { kind: 'edit'; todo: Todo; fields: TodoFields }
  | { kind: 'delete'; todos: Todo[] };

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
  const { mutate } = useMutation<Todo | undefined, Error, TodoChange>({
    mutationKey,
    scope: { id: mutationKey.join(':') },
  });
  return mutate;
}

/** Tells the client how to send changes to a list, whether it is on the page or not. */
export function sendTodoChanges(queryClient: QueryClient, api: Api): void {
  queryClient.setMutationDefaults<Todo | undefined, Error, TodoChange>(allTodosKey, {
    // What was refused stays until the person decides what to do with it.
    gcTime: Infinity,
    mutationFn: (change, { mutationKey }) => {
      const owner = ownerOf(mutationKey);
      const apiOfOwner: Api = (path, schema, call) =>
        api(path, schema, { ...call, organizationId: owner });
      return sendChange(apiOfOwner, change, (todo) => latest(queryClient, owner, todo));
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
  latestOf: (todo: Todo) => Todo,
): Promise<Todo | undefined> {
  switch (change.kind) {
    case 'add':
      return api('/todos', todoSchema, {
        method: 'POST',
        headers: { 'Idempotency-Key': change.key },
        json: { text: change.text } satisfies TodosCreateParams,
      });
    case 'edit':
      return saveTodo(api, change.todo, change.fields, latestOf(change.todo));
    case 'delete': {
      const ids = change.todos.map(({ id }) => id);
      for (let start = 0; start < ids.length; start += maxDeleted) {
        await api('/todos/delete', nothing, {
          method: 'POST',
          json: { ids: ids.slice(start, start + maxDeleted) } satisfies TodosDeleteManyParams,
        });
      }
      return undefined;
    }
  }
}

/** The newest of what is known of a todo. */
function latest(queryClient: QueryClient, owner: Owner, seen: Todo): Todo {
  return listsOf(queryClient, owner)
    .flatMap(([, pages]) => findTodo(pages, seen.id) ?? [])
    .reduce((newest, known) => (known.version > newest.version ? known : newest), seen);
}

/** Puts what the API says of a todo into the pages in memory. */
function applyToPages(
  queryClient: QueryClient,
  owner: Owner,
  saved: Todo | undefined,
  change: TodoChange,
) {
  const before = changedTodos(change);
  for (const [queryKey, pages] of listsOf(queryClient, owner)) {
    if (!pages) continue;
    const filter = queryKey.at(-1) as Filter;
    queryClient.setQueryData(queryKey, afterChange(pages, filter, before, saved));
    // An answer under way may be from before the change.
    const isUncertain =
      queryClient.isFetching({ queryKey }) > 0 || !isCounted(pages, filter, change);
    if (isUncertain) void queryClient.invalidateQueries({ queryKey, exact: true });
  }
}

/** The todos that a change is about, as the person saw them. */
function changedTodos(change: TodoChange): Todo[] {
  if (change.kind === 'add') return [];
  return change.kind === 'edit' ? [change.todo] : change.todos;
}

/** Whether the counts after a change can be told from the pages before it. */
function isCounted(pages: TodoPages, filter: Filter, change: TodoChange): boolean {
  if (change.kind === 'add') return filter !== 'done';
  const { open, done } = countsOf(pages);
  if (Math.max(open, done) >= maxCount) return false;
  const loaded = new Set(pages.pages.flatMap((page) => page.todos).map(({ id }) => id));
  return changedTodos(change).every(({ id }) => loaded.has(id));
}

/** The pages in memory, of each filter. */
function listsOf(queryClient: QueryClient, owner: Owner) {
  return queryClient.getQueriesData<TodoPages>({ queryKey: todosKey(owner) });
}

function forgetAccepted(queryClient: QueryClient, owner: Owner) {
  const cache = queryClient.getMutationCache();
  for (const accepted of cache.findAll({ mutationKey: todosKey(owner), status: 'success' })) {
    cache.remove(accepted);
  }
}
