import { onlineManager, type Mutation, type Query, type QueryClient } from '@tanstack/react-query';
import { finishBeforeLeaving } from './use-before-leaving';

/** Queries with this key hold what a person has typed and not sent. */
export const draftsKey = ['draft'] as const;

export function hasUnsaved(queryClient: QueryClient): boolean {
  return (
    queryClient.getMutationCache().getAll().some(isUnsavedChange) ||
    queryClient.getQueryCache().getAll().some(isDraft)
  );
}

/** For {@link Feature.saveBeforeSignOut}. */
export async function saveBeforeSignOut(queryClient: QueryClient): Promise<boolean> {
  finishBeforeLeaving();
  await settled(queryClient);
  return hasUnsaved(queryClient);
}

/** A change that is on its way or was refused. Only those with a key are kept: they can be repeated. */
export function isUnsavedChange({ options, state }: Mutation): boolean {
  return options.mutationKey !== undefined && ['pending', 'error'].includes(state.status);
}

export function isDraft({ queryKey, state }: Query): boolean {
  return queryKey[0] === draftsKey[0] && Object.keys(state.data ?? {}).length > 0;
}

/** Waits until every change is saved, or one fails for now. At most three seconds. */
function settled(queryClient: QueryClient): Promise<void> {
  const changes = queryClient.getMutationCache();
  const isSettled = () => {
    const pending = changes.getAll().filter((change) => change.state.status === 'pending');
    const isStuck = pending.some(({ state }) => state.failureCount > 0);
    return pending.length === 0 || isStuck || !onlineManager.isOnline();
  };
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      unsubscribe();
      resolve();
    };
    const timer = setTimeout(finish, 3_000);
    const unsubscribe = changes.subscribe(() => {
      if (isSettled()) finish();
    });
    if (isSettled()) finish();
  });
}
