import type { InfiniteData, MutationKey } from '@tanstack/react-query';
import type { TodoPage } from './todos-schema';

/** Whose list: an organization's id, or undefined for the person's own. */
export type Owner = string | undefined;

/** Which of the todos are shown. */
export const filters = ['all', 'open', 'done'] as const;
export type Filter = (typeof filters)[number];

export type TodoPages = InfiniteData<TodoPage>;

/** What the keys of all lists begin with. */
export const allTodosKey = ['todos'] as const;

/** What the keys of a list begin with, and the whole key of changes to it. */
export const todosKey = (owner: Owner) => [...allTodosKey, owner ?? null] as const;

/** Whose list a key is of. */
export const ownerOf = (key: MutationKey | undefined): Owner =>
  typeof key?.[1] === 'string' ? key[1] : undefined;

/** Where a list is. */
export const todosPath = (owner: Owner) =>
  owner === undefined ? '/todos' : `/todos/organizations/${encodeURIComponent(owner)}`;

export const isShown = (filter: Filter, done: boolean) =>
  filter === 'all' || done === (filter === 'done');
