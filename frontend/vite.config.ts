import react from '@vitejs/plugin-react';
import { loadEnv } from 'vite';
import { defineConfig } from 'vitest/config';
import { firstLoadBudget } from './build/first-load-budget.ts';
import { staticHost } from './build/static-host.ts';
import { describeProblems, parseEnv } from './src/config/env.ts';
import { securityHeaders } from './src/config/security-headers.ts';

// Host and port are the origin registered with the identity provider as the redirect URI, so
// another port would only lead to a refused sign-in.
const origin = { host: 'localhost', port: 5173, strictPort: true };

const sharedByPages = {
  name: 'shared',
  // Lists and what is unsaved come later than the first page.
  test: /\/node_modules\/(?!.*(persist-client|hydration|infiniteQueryObserver))|\/src\/(app|components|config|kit)\//,
};

const maxFirstLoadBytes = 130_000;

export default defineConfig(({ command, mode }) => {
  const parsed = parseEnv(loadEnv(mode, import.meta.dirname));
  if (command === 'build' && !parsed.ok) throw new Error(describeProblems(parsed.problems));
  // The development server has no policy: what it adds for hot reloading is inline.
  const headers = parsed.ok ? securityHeaders(parsed.env) : {};
  return {
    plugins: [react(), firstLoadBudget(maxFirstLoadBytes), staticHost(headers)],
    build: {
      // Every browser that can run the rest preloads modules by itself.
      modulePreload: { polyfill: false },
      // One large file is compressed better than many small ones.
      rolldownOptions: { output: { codeSplitting: { groups: [sharedByPages] } } },
    },
    // Otherwise it may serve the whole repository, which is an npm workspace.
    server: { ...origin, fs: { allow: [import.meta.dirname] } },
    preview: { ...origin, headers },
    test: {
      environment: 'jsdom',
      setupFiles: 'src/testing/setup.ts',
      restoreMocks: true,
      testTimeout: 30_000,
    },
  };
});
