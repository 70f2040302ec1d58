import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { BrowserRouter } from 'react-router';
import type { Env } from '../config/env';
import { EnvContext } from '../config/env-context';
import { AuthProvider } from '../features/session/auth-provider';
import { Pages } from './pages';
import { createQueryClient } from './query-client';

export function App({ env }: { env: Env }) {
  const [queryClient] = useState(createQueryClient);
  return (
    <EnvContext value={env}>
      <AuthProvider>
        <QueryClientProvider client={queryClient}>
          <BrowserRouter>
            <Pages />
          </BrowserRouter>
        </QueryClientProvider>
      </AuthProvider>
    </EnvContext>
  );
}
