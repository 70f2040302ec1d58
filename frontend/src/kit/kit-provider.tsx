import type LogtoClient from '@logto/browser';
import { useMemo, useState, type ReactNode } from 'react';
import { KitContext, type Components, type ErrorReporter, type KitConfig } from './kit-context';
import { SerialLogtoClient } from './logto-client';
import { PersonQueries, type SetUpQueries } from './person-queries';
import { plainComponents } from './plain-components';
import { SessionProvider } from './session-provider';
import { englishTexts, type Texts } from './texts';

interface KitProviderProps {
  config: KitConfig;
  texts?: Texts;
  components?: Components;
  /** Gets every error that nobody expects. By default the console does. */
  onError?: ErrorReporter;
  /** Adds the application's own defaults to the query client, before anything uses it. */
  setUpQueries?: SetUpQueries;
  /** Logto's client. Tests bring one that reaches nobody. */
  client?: LogtoClient;
  children: ReactNode;
}

/** What the guard, the hooks and the pages of the kit need above them. */
export function KitProvider(props: KitProviderProps) {
  const { config, texts = englishTexts, components = plainComponents, setUpQueries } = props;
  const { onError = console.error } = props;
  const [client] = useState(() =>
    isStorageAllowed() ? (props.client ?? createClient(config)) : undefined,
  );
  const kit = useMemo(
    () => client && { config, texts, client, onError, ...components },
    [config, texts, client, onError, components],
  );
  if (!kit) return <StorageBlocked texts={texts} components={components} />;
  return (
    <KitContext value={kit}>
      <SessionProvider>
        <PersonQueries setUp={setUpQueries}>{props.children}</PersonQueries>
      </SessionProvider>
    </KitContext>
  );
}

/** Stands in for the whole application when the browser lets it remember nothing. */
function StorageBlocked({ texts, components }: { texts: Texts; components: Components }) {
  const reload = () => {
    window.location.reload();
  };
  const action = { text: texts.reload, onClick: reload };
  return (
    <main>
      <components.Notice level={1} tone="error" {...texts.storageBlocked} action={action} />
    </main>
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
