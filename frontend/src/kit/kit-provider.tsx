import type LogtoClient from '@logto/browser';
import { useMemo, useState, type ReactNode } from 'react';
import { KitContext, type Components, type KitConfig } from './kit-context';
import { SerialLogtoClient } from './logto-client';
import { PersonQueries, type SetUpQueries } from './person-queries';
import { plainComponents } from './plain-components';
import { SessionProvider } from './session';
import { englishTexts, type Texts } from './texts';

interface KitProviderProps {
  config: KitConfig;
  texts?: Texts;
  components?: Components;
  /** Gets every error that nobody expects. By default the console does. */
  onError?: (error: unknown) => void;
  /** Adds the application's own defaults to the query client, before anything uses it. */
  setUpQueries?: SetUpQueries;
  /** Logto's client. Tests bring one that reaches nobody. */
  client?: LogtoClient;
  children: ReactNode;
}

/** What the guard, the hooks and the pages of the kit need above them. */
export function KitProvider(props: KitProviderProps) {
  const {
    config,
    texts = englishTexts,
    components = plainComponents,
    onError = console.error,
  } = props;
  const [client] = useState(() => isStorageAllowed() && (props.client ?? createClient(config)));
  const kit = useMemo(
    () => client && { config, texts, client, onError, ...components },
    [config, texts, client, onError, components],
  );
  if (!kit) {
    const notice = { ...texts.storageBlocked, action: { text: texts.reload, onClick: reload } };
    return <main>{<components.Notice level={1} tone="error" {...notice} />}</main>;
  }
  return (
    <KitContext value={kit}>
      <SessionProvider>
        <PersonQueries setUp={props.setUpQueries}>{props.children}</PersonQueries>
      </SessionProvider>
    </KitContext>
  );
}

function reload(): void {
  window.location.reload();
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
