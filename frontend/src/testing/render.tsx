import type LogtoClient from '@logto/browser';
import { render } from '@testing-library/react';
import { StrictMode, type ReactNode } from 'react';
import { BrowserRouter } from 'react-router';
import { AppProviders } from '../app/app-providers';
import { Pages } from '../app/pages';
import type { Feature } from '../features/feature';
import { testEnv } from './env';
import type { FakeLogto } from './fake-logto';

/** Everything the application puts above its pages, with a client that reaches nobody. */
export function withProviders(logto: FakeLogto, features?: Feature[]) {
  const client = logto.client as unknown as LogtoClient;
  return function Providers({ children }: { children: ReactNode }) {
    return (
      <StrictMode>
        <AppProviders env={testEnv} client={client} {...(features && { features })}>
          <BrowserRouter useTransitions={false}>{children}</BrowserRouter>
        </AppProviders>
      </StrictMode>
    );
  };
}

/** Opens the application at a path, as a fresh page load would. */
export function open(path: string, logto: FakeLogto, features?: Feature[]) {
  window.history.replaceState(null, '', path);
  return render(<Pages />, { wrapper: withProviders(logto, features) });
}
