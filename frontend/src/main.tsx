import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './app/global.css';
import { App } from './app/app';
import { ConfigurationError } from './config/configuration-error';
import { parseEnv } from './config/env';

// A page the browser kept and brings back unchanged shows the state from before a sign-in or, worse,
// from before a sign-out.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) window.location.reload();
});

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root.');

const parsed = parseEnv(import.meta.env);

createRoot(root).render(
  <StrictMode>
    {parsed.ok ? <App env={parsed.env} /> : <ConfigurationError problems={parsed.problems} />}
  </StrictMode>,
);
