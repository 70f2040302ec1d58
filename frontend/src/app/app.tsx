import { BrowserRouter } from 'react-router';
import type { Env } from '../config/env';
import { AppProviders } from './app-providers';
import { Devtools } from './devtools';
import { Pages } from './pages';

export function App({ env }: { env: Env }) {
  return (
    <AppProviders env={env}>
      {/* In a transition, a field whose text is in the address would lose letters of fast typists. */}
      <BrowserRouter useTransitions={false}>
        <Pages />
      </BrowserRouter>
      <Devtools />
    </AppProviders>
  );
}
