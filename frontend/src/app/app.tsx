import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { RouterProvider } from 'react-router';
import type { Env } from '../config/env';
import { EnvContext } from '../config/env-context';
import { AuthProvider } from '../features/session/auth-provider';
import { createQueryClient } from './query-client';
import { createRouter } from './router';

export function App({ env }: { env: Env }) {
  const [queryClient] = useState(createQueryClient);
  const [router] = useState(createRouter);
  return (
    <EnvContext value={env}>
      <AuthProvider>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AuthProvider>
    </EnvContext>
  );
}
