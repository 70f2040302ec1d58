import { notifyManager, QueryClient } from '@tanstack/react-query';
import { OutageError } from '../features/api/api-error';

// Sooner than the next frame: what a person changes has to look changed at once.
notifyManager.setScheduler(queueMicrotask);

// Outages are waited out, ever more patiently; a refusal is final until the person tries again.
const patience = {
  retry: (_failureCount: number, error: Error) => error instanceof OutageError,
  retryDelay: (attempt: number) => Math.min(1000 * 2 ** attempt, 10_000),
};

/**
 * What the application remembers of the API's answers. Changes are tried again like questions are,
 * since the API takes each of them twice without harm.
 */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { ...patience, staleTime: 10_000 }, mutations: patience },
  });
}
