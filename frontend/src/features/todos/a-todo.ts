import type { Todo } from './todos-schema';

/** A todo of the person, with the fields the test is about. */
export function aTodo(fields: Partial<Todo> = {}): Todo {
  return {
    id: 1,
    owner_id: 5,
    organization_id: null,
    text: 'Buy milk',
    done: false,
    version: 1,
    created_at: '2026-11-21T08:00:00Z',
    updated_at: '2026-11-21T08:00:00Z',
    ...fields,
  };
}
