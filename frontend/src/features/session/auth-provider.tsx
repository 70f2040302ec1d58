import { LogtoProvider } from '@logto/react';
import { useMemo, type ReactNode } from 'react';
import { useEnv } from '../../config/env-context';
import { logtoConfig } from '../../config/logto';
import { SerialLogtoClient } from './logto-client';
import { SessionProvider } from './session-provider';

/** Everything about sign-in that the pages need above them. */
export function AuthProvider({ children }: { children: ReactNode }) {
  const env = useEnv();
  // A new object would make the SDK start with a new client.
  const config = useMemo(() => logtoConfig(env), [env]);
  return (
    <LogtoProvider config={config} LogtoClientClass={SerialLogtoClient}>
      <SessionProvider>{children}</SessionProvider>
    </LogtoProvider>
  );
}
