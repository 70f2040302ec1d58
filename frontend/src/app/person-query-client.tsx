import { IsRestoringProvider, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { useApiFor, useSession } from '../kit';
import { forgetUnsaved, keepUnsaved } from '../features/unsaved/unsaved-storage';
import { createQueryClient } from './query-client';

/**
 * Remembers answers for as long as one person is signed in: no other ever sees them. What they have
 * not saved is kept until they sign in again, or sign out.
 */
export function PersonQueryClient({ children }: { children: ReactNode }) {
  const { session } = useSession();
  const apiFor = useApiFor();
  const [queryClient] = useState(() => createQueryClient(apiFor));
  const [restored, setRestored] = useState<string>();
  const subject = 'claims' in session ? session.claims.sub : undefined;
  const isLeaving = session.status === 'leaving';

  useEffect(() => {
    if (subject === undefined) return undefined;
    const stop = keepUnsaved(queryClient, subject, () => {
      setRestored(subject);
    });
    return () => {
      stop();
      queryClient.clear();
    };
  }, [queryClient, subject]);

  useEffect(() => {
    if (isLeaving) forgetUnsaved();
  }, [isLeaving]);

  return (
    <QueryClientProvider client={queryClient}>
      <IsRestoringProvider value={subject !== undefined && restored !== subject}>
        {children}
      </IsRestoringProvider>
    </QueryClientProvider>
  );
}
