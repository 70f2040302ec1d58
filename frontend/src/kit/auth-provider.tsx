import LogtoClient, { type LogtoConfig } from '@logto/browser';
import { LogtoProvider } from '@logto/react';
import { useMemo, useState, type ReactNode } from 'react';
import { useEnv } from '../config/env-context';
import { logtoConfig } from '../config/logto';
import { SerialLogtoClient } from './logto-client';
import { LogtoClientContext } from './logto-client-context';
import { SessionProvider } from './session-provider';
import { isStorageAllowed } from './storage';
import { StorageBlocked } from './storage-blocked';

interface AuthProviderProps {
  children: ReactNode;
  /** Tests bring a client that reaches nobody. */
  createClient?: (config: LogtoConfig) => LogtoClient;
}

/** Everything about sign-in that the pages need above them. */
export function AuthProvider(props: AuthProviderProps) {
  const [isAllowed] = useState(isStorageAllowed);
  return isAllowed ? <LogtoSession {...props} /> : <StorageBlocked />;
}

function LogtoSession({ children, createClient = serialClient }: AuthProviderProps) {
  const env = useEnv();
  // A new object would make the SDK start with a new client.
  const config = useMemo(() => logtoConfig(env), [env]);
  const client = useMemo(() => createClient(config), [config, createClient]);
  // LogtoProvider takes a class to make its client from, and has to share this one.
  const LogtoClientClass = useMemo(
    () => new Proxy(LogtoClient, { construct: () => client }),
    [client],
  );
  return (
    <LogtoProvider config={config} LogtoClientClass={LogtoClientClass}>
      <LogtoClientContext value={client}>
        <SessionProvider>{children}</SessionProvider>
      </LogtoClientContext>
    </LogtoProvider>
  );
}

function serialClient(config: LogtoConfig): LogtoClient {
  return new SerialLogtoClient(config);
}
