import { IsRestoringProvider, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { useApi, useSession } from '../../../kit';
import { sendTodoChanges } from '../todo-changes';
import { draftsKey } from './unsaved';
import { forgetUnsaved, keepUnsaved } from './unsaved-storage';

/** Sends changes on whatever page the person is, and keeps what they have not saved. */
export function KeepUnsaved({ children }: { children: ReactNode }) {
  const { session } = useSession();
  const queryClient = useQueryClient();
  const api = useApi();
  const [restored, setRestored] = useState<string>();
  const subject = 'claims' in session ? session.claims.sub : undefined;
  const isLeaving = session.status === 'leaving';

  // In the first render, because the effects of the pages below already need it.
  useState(() => {
    queryClient.setQueryDefaults(draftsKey, { gcTime: Infinity });
    sendTodoChanges(queryClient, api);
  });

  useEffect(() => {
    if (subject === undefined) return undefined;
    return keepUnsaved(queryClient, subject, () => setRestored(subject));
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
