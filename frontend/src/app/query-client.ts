import { QueryClient } from '@tanstack/react-query';
import { OutageError } from '../features/api/api-error';

/** Outages are waited out, ever more patiently; a refusal is final until the person tries again. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (_failureCount, error) => error instanceof OutageError,
        retryDelay: (attempt) => Math.min(1000 * 2 ** attempt, 10_000),
      },
    },
  });
}
