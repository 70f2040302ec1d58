import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { ApiError, OutageError, withJitter } from './errors';
import { useKit } from './kit-context';
import { useSession } from './session';
import { useApiFor, type Api } from './use-api';

export type SetUpQueries = (
  queryClient: QueryClient,
  apiFor: (organizationId?: string) => Api,
) => void;

/** Remembers answers for as long as one person is signed in: no other ever sees them. */
export function PersonQueries(props: { setUp: SetUpQueries | undefined; children: ReactNode }) {
  const { onError } = useKit();
  const { session } = useSession();
  const apiFor = useApiFor();
  const [queryClient] = useState(() => {
    const created = createQueryClient(onError);
    props.setUp?.(created, apiFor);
    return created;
  });
  const subject = 'claims' in session ? session.claims.sub : undefined;
  const last = useRef(subject);

  useEffect(() => {
    // Not in the effect's cleanup, which comes before that of components below, who may keep some.
    if (last.current !== undefined && last.current !== subject) queryClient.clear();
    last.current = subject;
  }, [queryClient, subject]);

  return <QueryClientProvider client={queryClient}>{props.children}</QueryClientProvider>;
}

// Outages are waited out, ever more patiently; a refusal is final until the person tries again. That
// holds for changes, too: an API that can't take one twice without harm needs `retry: false`.
const patience = {
  retry: (_failureCount: number, error: Error) => error instanceof OutageError,
  retryDelay: (attempt: number, error: Error) => {
    const own = Math.min(1000 * 2 ** attempt, 10_000);
    const { isBusy = false, retryAfterMs = 0 } = error instanceof OutageError ? error : {};
    // Who is busy knows when there is room. In an outage nobody knows how long it takes.
    return withJitter(isBusy && retryAfterMs ? retryAfterMs : Math.max(retryAfterMs, own));
  },
};

function createQueryClient(report: (error: unknown) => void): QueryClient {
  const onError = (error: unknown) => {
    if (!(error instanceof ApiError)) report(error);
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: { queries: { ...patience, staleTime: 10_000 }, mutations: patience },
  });
}
