import { LogtoProvider } from '@logto/react';
import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import { StrictMode, type ReactNode } from 'react';
import { BrowserRouter } from 'react-router';
import { Pages } from '../app/pages';
import { createQueryClient } from '../app/query-client';
import { EnvContext } from '../config/env-context';
import { logtoConfig } from '../config/logto';
import { SessionProvider } from '../features/session/session-provider';
import { testEnv } from './env';
import type { FakeLogto } from './fake-logto';

const config = logtoConfig(testEnv);

/** Everything the application puts above its pages, with a client that reaches nobody. */
export function withProviders(logto: FakeLogto) {
  const queryClient = createQueryClient();
  return function Providers({ children }: { children: ReactNode }) {
    return (
      <StrictMode>
        <EnvContext value={testEnv}>
          <LogtoProvider config={config} LogtoClientClass={logto.LogtoClientClass}>
            <SessionProvider>
              <QueryClientProvider client={queryClient}>
                <BrowserRouter>{children}</BrowserRouter>
              </QueryClientProvider>
            </SessionProvider>
          </LogtoProvider>
        </EnvContext>
      </StrictMode>
    );
  };
}

/** Opens the application at a path, as a fresh page load would. */
export function open(path: string, logto: FakeLogto) {
  window.history.replaceState(null, '', path);
  return render(<Pages />, { wrapper: withProviders(logto) });
}
