import { IsRestoringProvider, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { useSession } from '../../../kit';
import { forgetUnsaved, keepUnsaved } from './unsaved-storage';

/** Keeps what the person has not saved, until they sign out. */
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
