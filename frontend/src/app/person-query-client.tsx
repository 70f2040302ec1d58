import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { useSession } from '../features/session/session-context';
import { createQueryClient } from './query-client';

/** Remembers answers for as long as one person is signed in: no other ever sees them. */
export function PersonQueryClient({ children }: { children: ReactNode }) {
  const { session } = useSession();
  const [queryClient] = useState(createQueryClient);
  const subject = 'claims' in session ? session.claims.sub : undefined;

  useEffect(() => {
    if (subject === undefined) return undefined;
    return () => {
      queryClient.clear();
    };
  }, [queryClient, subject]);

  return <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>;
}
