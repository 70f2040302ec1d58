import { onlineManager, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useSyncExternalStore } from 'react';
import { Link, useLocation } from 'react-router';
import { OutageError, useSession } from '../../kit';
import { useAllOpenChanges, type OpenChange } from './todo-changes';
import { todosPath } from './todo-lists';
import { hasUnsaved } from './unsaved/unsaved';
import { isSomethingKept } from './unsaved/unsaved-storage';
import styles from './unsaved-notice.module.css';

/** Says on every page what isn't saved, and lets the browser ask before the page is left with it. */
export function UnsavedNotice() {
  const { session } = useSession();
  const { pathname } = useLocation();
  const changes = useAllOpenChanges();
  const isOnline = useSyncExternalStore(
    (onChange) => onlineManager.subscribe(onChange),
    () => onlineManager.isOnline(),
  );
  useLeaveWarning();

  const refused = changes.find((open) => open.refusal && todosPath(open.owner) !== pathname);
  const delay = delayOf(changes, isOnline);
  const isKept = session.status === 'ended' && isSomethingKept();
  return (
    <div role="status">
      {delay && <p className={styles.bar}>{delay}</p>}
      {refused && (
        <p className={styles.bar}>
          <strong>Not saved.</strong> A change of yours was refused.{' '}
          <Link to={todosPath(refused.owner)}>See why</Link>
        </p>
      )}
      {isKept && (
        <p className={styles.bar}>
          What you typed is kept in this tab. Sign in again, and you can go on with it.
        </p>
      )}
    </div>
  );
}

function delayOf(changes: OpenChange[], isOnline: boolean) {
  const waiting = changes.filter(({ refusal }) => !refusal);
  const delayed = waiting.find(({ delay }) => delay);
  if (waiting.length === 0 || (isOnline && !delayed)) return undefined;

  const count =
    waiting.length === 1 ? 'Your change is' : `Your ${String(waiting.length)} changes are`;
  const service =
    delayed?.delay instanceof OutageError && delayed.delay.status === 429
      ? 'the service is less busy'
      : 'the service is back';
  return (
    <>
      <strong>{isOnline ? 'Not saved yet.' : 'You are offline.'}</strong> {count} kept, and sent as
      soon as {isOnline ? service : 'the connection is back'}. Leave this tab open until then.
    </>
  );
}

function useLeaveWarning(): void {
  const queryClient = useQueryClient();
  const subscribe = useCallback(
    (onChange: () => void) => {
      const caches = [queryClient.getMutationCache(), queryClient.getQueryCache()];
      const unsubscribe = caches.map((cache) => cache.subscribe(onChange));
      return () => {
        for (const stop of unsubscribe) stop();
      };
    },
    [queryClient],
  );
  const isUnsaved = useSyncExternalStore(subscribe, () => hasUnsaved(queryClient));

  useEffect(() => {
    if (!isUnsaved) return undefined;
    const onBeforeUnload = (event: BeforeUnloadEvent) => {
      // Browsers don't ask, but write a warning, before the person has used the page.
      if (!navigator.userActivation.hasBeenActive) return;
      // Signing out forgets what is unsaved, and has asked before.
      if (hasUnsaved(queryClient)) event.preventDefault();
    };
    window.addEventListener('beforeunload', onBeforeUnload);
    return () => {
      window.removeEventListener('beforeunload', onBeforeUnload);
    };
  }, [isUnsaved, queryClient]);
}
