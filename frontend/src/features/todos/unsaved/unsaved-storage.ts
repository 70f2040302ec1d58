import type { PersistedClient, Persister } from '@tanstack/query-persist-client-core';
import type { DehydratedState, QueryClient } from '@tanstack/react-query';
import { isDraft, isUnsavedChange } from './unsaved';

// The tab's storage: it survives a reload and a sign-in, is nobody else's, and goes with the tab.
const storageKey = 'unsaved';

const persister: Persister = {
  persistClient: ({ clientState, ...rest }) => {
    const { mutations, queries } = clientState;
    if (mutations.length + queries.length === 0) {
      forgetUnsaved();
      return;
    }
    const client: PersistedClient = {
      ...rest,
      clientState: { queries, mutations: mutations.map(toSend) },
    };
    try {
      sessionStorage.setItem(storageKey, JSON.stringify(client));
    } catch {
      // The storage is full or blocked. Then it is kept in memory alone, and leaving the page asks.
    }
  },
  restoreClient: () => {
    try {
      return JSON.parse(sessionStorage.getItem(storageKey) ?? '') as PersistedClient;
    } catch {
      return undefined;
    }
  },
  removeClient: forgetUnsaved,
};

/** Errors can't be stored. A change that was refused is tried again, and refused again if need be. */
function toSend({ state, ...mutation }: DehydratedState['mutations'][number]) {
  return {
    ...mutation,
    state: {
      ...state,
      status: 'pending' as const,
      isPaused: true,
      error: null,
      failureReason: null,
      failureCount: 0,
    },
  };
}

/**
 * Brings back what the person had not saved when they left the page or lost their session, sends the
 * changes among it, and from then on keeps what is unsaved. What is kept of another is dropped.
 *
 * @returns stops keeping it, and leaves what is kept.
 */
export function keepUnsaved(
  queryClient: QueryClient,
  subject: string,
  onRestored: () => void,
): () => void {
  let isStopped = false;
  let unsubscribe: (() => void) | undefined;

  const start = async () => {
    // Not part of the first load.
    const { persistQueryClient } = await import('@tanstack/query-persist-client-core');
    // StrictMode stops the first run at once.
    if (isStopped) return;
    const [stop, restored] = persistQueryClient({
      queryClient,
      persister,
      buster: subject,
      maxAge: Infinity,
      dehydrateOptions: { shouldDehydrateMutation: isUnsavedChange, shouldDehydrateQuery: isDraft },
    });
    unsubscribe = stop;
    await restored;
    onRestored();
    await queryClient.resumePausedMutations();
  };
  // If the code can't be loaded, what is unsaved is in memory alone, as when the storage is full.
  start().catch(onRestored);

  return () => {
    isStopped = true;
    unsubscribe?.();
  };
}

/** Whether something is kept for the person whose session has ended. */
export function isSomethingKept(): boolean {
  try {
    return sessionStorage.getItem(storageKey) !== null;
  } catch {
    return false;
  }
}

export function forgetUnsaved(): void {
  try {
    sessionStorage.removeItem(storageKey);
  } catch {
    // Nothing can be in a storage that is blocked.
  }
}
