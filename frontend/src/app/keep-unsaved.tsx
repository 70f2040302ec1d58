import { IsRestoringProvider, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { forgetUnsaved, keepUnsaved } from '../features/unsaved/unsaved-storage';
import { useSession } from '../kit';

/** What the person has not saved is kept until they sign in again, or sign out. */
export function KeepUnsaved({ children }: { children: ReactNode }) {
  const { session } = useSession();
  const queryClient = useQueryClient();
  const [restored, setRestored] = useState<string>();
  const subject = 'claims' in session ? session.claims.sub : undefined;
  const isLeaving = session.status === 'leaving';

  useEffect(() => {
    if (subject === undefined) return undefined;
    return keepUnsaved(queryClient, subject, () => {
      setRestored(subject);
    });
  }, [queryClient, subject]);

  useEffect(() => {
    if (isLeaving) forgetUnsaved();
  }, [isLeaving]);

  return (
    <IsRestoringProvider value={subject !== undefined && restored !== subject}>
      {children}
    </IsRestoringProvider>
  );
}
