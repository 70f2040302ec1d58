import type LogtoClient from '@logto/browser';
import { useCallback, useMemo } from 'react';
import type * as z from 'zod/mini';
import { errorFrom, OutageError, SignedOutError, SuspendedError } from './errors';
import { useKit } from './kit-context';
import { fromLogtoError } from './logto-client';
import { useSession } from './session-context';

const timeoutMs = 15_000;

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** The body, sent as JSON. */
  json?: unknown;
  signal?: AbortSignal;
}

/**
 * Calls the API as the signed-in person and returns the answer's body, checked against `schema`.
 *
 * Rejects with {@link SignedOutError} when there is no session or the API answers 401 (the session
 * is ended then), {@link SuspendedError} when the person is locked out, {@link MissingScopeError}
 * when they lack a permission, {@link OutageError} when no answer can be had for now,
 * {@link ApiError} for other refusals, an Error with a cause for an answer of another shape, and the
 * signal's reason when `call.signal` aborts.
 */
export type Api = <T>(path: `/${string}`, schema: z.ZodMiniType<T>, call?: Call) => Promise<T>;

/**
 * The one way to make signed-in calls, for the person or, with an organization's id, for them as a
 * member of it: the token decides whose data it is. The returned function never changes.
 */
export function useApi(organizationId?: string): Api {
  const apiFor = useApiFor();
  return useMemo(() => apiFor(organizationId), [apiFor, organizationId]);
}

/** For those who make calls for several: returns what {@link useApi} would, and never changes. */
export function useApiFor(): (organizationId?: string) => Api {
  const { apiUrl, apiResource } = useKit().config;
  const { endSession, setSuspended } = useSession();
  const request = useLogtoRequest();

  return useCallback(
    (organizationId): Api =>
      async (path, schema, call = {}) => {
        const token = await request((client) => client.getAccessToken(apiResource, organizationId));
        const { response, body } = await send(apiUrl + path, token, call);
        if (!response.ok) {
          const error = errorFrom(response, body);
          if (error instanceof SignedOutError) endSession();
          if (error instanceof SuspendedError) setSuspended(true);
          throw error;
        }
        const { data, error: cause } = schema.safeParse(body);
        if (!cause) return data;
        throw new Error(`Unexpected answer: ${call.method ?? 'GET'} ${path}`, { cause });
      },
    [apiUrl, apiResource, request, endSession, setSuspended],
  );
}

async function send(address: string, token: string, call: Call) {
  const { method = 'GET', query, headers, json, signal } = call;
  const url = query ? `${address}?${new URLSearchParams(query).toString()}` : address;
  const timeout = AbortSignal.timeout(timeoutMs);
  // Outside of the attempt: a request that can't even be made is no outage.
  const request = new Request(url, {
    method,
    // A change outlives the page that made it.
    keepalive: method !== 'GET',
    headers: { ...headers, Authorization: `Bearer ${token}` },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    credentials: 'omit',
  });
  try {
    const response = await fetch(request);
    return { response, body: parseJson(await response.text()) };
  } catch {
    signal?.throwIfAborted();
    throw new OutageError('api');
  }
}

/** The body of an answer, or undefined when it is empty or not JSON. */
function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Returns a function that gets an access token for the API, as {@link useApi} does. */
export function useAccessToken(organizationId?: string): () => Promise<string> {
  const { apiResource } = useKit().config;
  const request = useLogtoRequest();
  return useCallback(
    () => request((client) => client.getAccessToken(apiResource, organizationId)),
    [request, apiResource, organizationId],
  );
}

/**
 * Returns a function that asks Logto something for the signed-in person. It never changes, and
 * rejects as {@link Api} does: when there is no session any more it is ended.
 */
export function useLogtoRequest(): <T>(ask: (client: LogtoClient) => Promise<T>) => Promise<T> {
  const { client } = useKit();
  const { endSession } = useSession();
  return useCallback(
    async (ask) => {
      try {
        return await ask(client);
      } catch (error) {
        // The client drops the tokens when the session is over, and keeps them otherwise.
        if (await client.isAuthenticated()) throw fromLogtoError(error);
        endSession();
        throw new SignedOutError('There is no session.');
      }
    },
    [client, endSession],
  );
}
