import { useLogto } from '@logto/react';
import { useCallback } from 'react';
import type * as z from 'zod/mini';
import { useEnv } from '../../config/env-context';
import { useSession } from '../session/session-context';
import { ApiError, errorFrom, OutageError, parseJson, SignedOutError } from './api-error';

const timeoutMs = 15_000;

/**
 * Calls the API as the signed-in person and returns the answer's body, checked against `schema`.
 *
 * Rejects with {@link SignedOutError} when there is no session or the API answers 401 (the session
 * is ended then), {@link OutageError} when no answer can be had for now, {@link ApiError} when the
 * API refuses, and the signal's reason when `init.signal` aborts.
 */
export type Api = <T>(
  path: `/${string}`,
  schema: z.ZodMiniType<T>,
  init?: RequestInit,
) => Promise<T>;

/** The one way to make signed-in calls. The returned function never changes. */
export function useApi(): Api {
  const { apiUrl, apiResource } = useEnv();
  const { endSession } = useSession();
  // Single methods: the object useLogto returns is a new one on every render.
  const { getAccessToken, getIdToken } = useLogto();

  return useCallback<Api>(
    async (path, schema, init = {}) => {
      // Undefined stands for any failure. What is left in storage tells which: the client drops the
      // tokens when the session is over, and keeps them when the provider was not to be reached.
      const token = await getAccessToken(apiResource);
      if (!token) {
        if (await getIdToken()) throw new OutageError('The sign-in service gives no access token.');
        endSession();
        throw new SignedOutError('There is no session.');
      }

      const { status, body } = await send(`${apiUrl}${path}`, token, init);
      if (status >= 400) {
        const error = errorFrom(status, body);
        if (error instanceof SignedOutError) endSession();
        throw error;
      }
      const answer = schema.safeParse(parseJson(body));
      if (!answer.success) {
        throw new ApiError(status, 'unknown', 'The service answered something unexpected.');
      }
      return answer.data;
    },
    [apiUrl, apiResource, getAccessToken, getIdToken, endSession],
  );
}

async function send(url: string, token: string, init: RequestInit) {
  const headers = new Headers(init.headers);
  headers.set('Authorization', `Bearer ${token}`);
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;

  try {
    const response = await fetch(url, { ...init, headers, signal, credentials: 'omit' });
    return { status: response.status, body: await response.text() };
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw new OutageError('The service can’t be reached.', { cause });
  }
}
