import type LogtoClient from '@logto/browser';
import { createContext, use } from 'react';

export const LogtoClientContext = createContext<LogtoClient | undefined>(undefined);

/**
 * The SDK's client, for requests whose failure matters. The hook of the SDK answers a failure with
 * undefined, logs it, and renders every component that uses it twice for each call.
 */
export function useLogtoClient(): LogtoClient {
  const client = use(LogtoClientContext);
  if (!client) throw new Error('useLogtoClient needs an <AuthProvider> above it.');
  return client;
}
