import { BrowserRouter } from 'react-router';
import type { Env } from '../config/env';
import { EnvContext } from '../config/env-context';
import { AuthProvider } from '../kit';
import { Pages } from './pages';
import { PersonQueryClient } from './person-query-client';

export function App({ env }: { env: Env }) {
  return (
    <EnvContext value={env}>
      <AuthProvider>
        <PersonQueryClient>
          <BrowserRouter>
            <Pages />
          </BrowserRouter>
        </PersonQueryClient>
      </AuthProvider>
    </EnvContext>
  );
}
