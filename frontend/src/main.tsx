import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app';
import { ErrorBoundary } from './app/error-boundary';
import { ConfigurationError } from './config/configuration-error';
import { parseEnv } from './config/env';
import { rootOptions, watchUncaughtErrors } from './config/report-error';

const container = document.getElementById('root');
if (!container) throw new Error('index.html has no #root.');

watchUncaughtErrors();
const root = createRoot(container, rootOptions);
const parsed = parseEnv(import.meta.env);

root.render(
  <StrictMode>
    <ErrorBoundary>
      {parsed.ok ? <App env={parsed.env} /> : <ConfigurationError problems={parsed.problems} />}
    </ErrorBoundary>
  </StrictMode>,
);

// The browser may keep a page that is left, and bring it back as it was before a sign-in or, worse,
// before a sign-out. So nothing of it is kept, and it starts anew.
window.addEventListener('pagehide', ({ persisted }) => {
  if (persisted) root.unmount();
});
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) window.location.reload();
});
