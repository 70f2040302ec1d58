import type LogtoClient from '@logto/browser';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { ApiError, maxWaitMs, OutageError } from './errors';
import { KitContext, useKit, type Components, type KitConfig } from './kit-context';
import { SerialLogtoClient } from './logto-client';
import { SessionProvider, useSession } from './session';
import { englishTexts, type Texts } from './texts';

interface KitProviderProps {
  config: KitConfig;
  texts?: Texts;
  components?: Components;
  /** Gets every unexpected error. The default writes it to the console. */
  onError?: (error: unknown) => void;
  /** Logto's client. Tests bring one that reaches nobody. */
  client?: LogtoClient;
  children: ReactNode;
}

/** Everything else in the kit needs this above it. */
export function KitProvider(props: KitProviderProps) {
  const { config, texts = englishTexts, onError = console.error } = props;
  const { components = plainComponents } = props;
  const [client] = useState(() => isStorageAllowed() && (props.client ?? createClient(config)));
  const kit = useMemo(
    () => client && { config, texts, client, onError, ...components },
    [config, texts, client, onError, components],
  );
  if (!kit) {
    const action = { text: texts.tryAgain, onClick: () => window.location.reload() };
    return (
      <main>
        <components.Notice level={1} tone="error" {...texts.storageBlocked} action={action} />
      </main>
    );
  }
  return (
    <KitContext value={kit}>
      <SessionProvider>
        <PersonQueries>{props.children}</PersonQueries>
      </SessionProvider>
    </KitContext>
  );
}

function isStorageAllowed(): boolean {
  try {
    return localStorage.length + sessionStorage.length >= 0;
  } catch {
    return false;
  }
}

/** The SDK adds the scopes openid, profile and offline_access by itself. */
function createClient({ logtoEndpoint, logtoAppId, apiResource, scopes = [] }: KitConfig) {
  const resources = [apiResource];
  return new SerialLogtoClient({ endpoint: logtoEndpoint, appId: logtoAppId, resources, scopes });
}

/** Keeps answers while one person is signed in. The next person never sees them. */
function PersonQueries({ children }: { children: ReactNode }) {
  const { onError } = useKit();
  const { session } = useSession();
  const [queryClient] = useState(() => createQueryClient(onError));
  const subject = 'claims' in session ? session.claims.sub : undefined;
  const last = useRef(subject);

  useEffect(() => {
    // Not in a cleanup, which runs before those of the components below: they may still save some.
    if (last.current !== undefined && last.current !== subject) queryClient.clear();
    last.current = subject;
  }, [queryClient, subject]);

  return <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>;
}

// Outages are retried, refusals are not. This holds for changes, too: for one that must not be made
// twice, set `retry: false`.
const retries = {
  retry: (_failureCount: number, error: Error) => error instanceof OutageError,
  retryDelay: (attempt: number, error: Error) => {
    const own = Math.min(1000 * 2 ** attempt, 10_000);
    const { status = 0, retryAfterMs = 0 } = error instanceof OutageError ? error : {};
    // A busy service says when to come back. In an outage its time is the least to wait.
    const wait = status === 429 && retryAfterMs ? retryAfterMs : Math.max(retryAfterMs, own);
    // Up to a quarter more, at random, so that clients don't all come back at the same moment.
    return Math.min(wait * (1 + Math.random() / 4), maxWaitMs);
  },
};

function createQueryClient(report: (error: unknown) => void): QueryClient {
  const onError = (error: unknown) => {
    if (!(error instanceof ApiError)) report(error);
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: { queries: { ...retries, staleTime: 10_000 }, mutations: retries },
  });
}

const plainComponents: Components = {
  Notice: ({ heading, text, level, tone, action, problem }) => (
    <div role={tone === 'error' ? 'alert' : 'status'}>
      {level === 1 ? <h1>{heading}</h1> : <h2>{heading}</h2>}
      <p>{text}</p>
      {action && (
        <button onClick={action.onClick} disabled={action.busy}>
          {action.text}
        </button>
      )}
      <p role="alert">{problem}</p>
    </div>
  ),
  Loading: ({ children }) => <p role="status">{children}</p>,
};
