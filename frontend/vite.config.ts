import react from '@vitejs/plugin-react';
import { loadEnv } from 'vite';
import { defineConfig } from 'vitest/config';
import { describeProblems, parseEnv } from './src/config/env.ts';

// Host and port are the origin registered with the identity provider as the redirect URI, so
// another port would only lead to a refused sign-in.
const origin = { host: 'localhost', port: 5173, strictPort: true };

export default defineConfig(({ command, mode }) => {
  if (command === 'build') {
    const parsed = parseEnv(loadEnv(mode, import.meta.dirname));
    if (!parsed.ok) throw new Error(describeProblems(parsed.problems));
  }
  return {
    plugins: [react()],
    server: origin,
    preview: origin,
    test: { environment: 'jsdom', setupFiles: 'src/testing/setup.ts', restoreMocks: true },
  };
});
