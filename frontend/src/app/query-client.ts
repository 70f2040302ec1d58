import { MutationCache, notifyManager, QueryCache, QueryClient } from '@tanstack/react-query';
import { type Api, BusyError, isExpected, OutageError, reportError, withJitter } from '../kit';
import { sendTodoChanges } from '../features/todos/todo-changes';
import { draftsKey } from '../features/unsaved/unsaved';

// Sooner than the next frame: what a person changes has to look changed at once.
notifyManager.setScheduler(queueMicrotask);

// Outages are waited out, ever more patiently; a refusal is final until the person tries again.
const patience = {
  retry: (_failureCount: number, error: Error) => error instanceof OutageError,
  retryDelay: (attempt: number, error: Error) => {
    const own = Math.min(1000 * 2 ** attempt, 10_000);
    const told = error instanceof OutageError ? error.retryAfterMs : undefined;
    // Who is busy knows when there is room. In an outage nobody knows how long it takes.
    return withJitter(error instanceof BusyError ? (told ?? own) : Math.max(told ?? 0, own));
  },
};

const onError = (error: unknown) => {
  if (!isExpected(error)) reportError(error);
};

/**
 * What the application remembers of the API's answers. Changes are tried again like questions are,
 * since the API takes each of them twice without harm.
 */
export function createQueryClient(apiFor: (organizationId?: string) => Api): QueryClient {
  const queryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: { queries: { ...patience, staleTime: 10_000 }, mutations: patience },
  });
  queryClient.setQueryDefaults(draftsKey, { gcTime: Infinity });
  // Here and not in the list, since changes are sent wherever the person goes.
  sendTodoChanges(queryClient, apiFor);
  return queryClient;
}
