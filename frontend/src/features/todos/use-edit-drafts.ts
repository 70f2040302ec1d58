import { queryOptions, skipToken, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Todo } from './todos-schema';
import { draftsKey } from './unsaved/unsaved';
import type { Owner } from './todo-lists';

/** An unfinished edit: the todo when the person started, and what they typed. */
export interface EditDraft {
  todo: Todo;
  text: string;
}

export interface EditDrafts {
  get: (id: number) => EditDraft | undefined;
  /** Keeps what was typed so far, or drops it when there is nothing to keep. */
  set: (id: number, draft: EditDraft | undefined) => void;
}

type Edits = Record<number, EditDraft>;

const none: Todo[] = [];

const editsQuery = (owner: Owner) =>
  queryOptions<Edits, Error, Todo[]>({
    queryKey: [...draftsKey, 'edits', owner ?? null],
    queryFn: skipToken,
    select: (edits) => Object.values(edits).map(({ todo }) => todo),
  });

/**
 * The unfinished edits of a list. They outlive the list, and come back after a reload or a new
 * sign-in of the same person.
 *
 * @returns the todos they are of, and the drafts by id, which never change.
 */
export function useEditDrafts(owner: Owner): [Todo[], EditDrafts] {
  const queryClient = useQueryClient();
  const { data: todos = none } = useQuery(editsQuery(owner));

  const drafts = useMemo<EditDrafts>(() => {
    const { queryKey } = editsQuery(owner);
    return {
      get: (id) => queryClient.getQueryData(queryKey)?.[id],
      set: (id, draft) => {
        queryClient.setQueryData(queryKey, (edits = {}) => {
          const others = Object.entries(edits).filter(([key]) => key !== String(id));
          return Object.fromEntries(draft ? [...others, [id, draft]] : others);
        });
      },
    };
  }, [queryClient, owner]);
  return [todos, drafts];
}
