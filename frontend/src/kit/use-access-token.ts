import { useCallback } from 'react';
import { useEnv } from '../config/env-context';
import { useLogtoRequest } from './use-logto-request';

/**
 * Returns a function that gets an access token for the API, for the person or for them as a member
 * of an organization. The SDK keeps tokens until they expire. The function never changes. What it
 * rejects with, see {@link useLogtoRequest}.
 */
export function useAccessToken(organizationId?: string): () => Promise<string> {
  const { apiResource } = useEnv();
  const request = useLogtoRequest();
  return useCallback(
    () => request((client) => client.getAccessToken(apiResource, organizationId)),
    [request, apiResource, organizationId],
  );
}
