import { createContext, use } from 'react';
import type { Env } from './env';

export const EnvContext = createContext<Env | undefined>(undefined);

/** The validated settings. */
export function useEnv(): Env {
  const env = use(EnvContext);
  if (!env) throw new Error('useEnv needs an <EnvContext> above it.');
  return env;
}
