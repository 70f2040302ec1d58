import type LogtoClient from '@logto/browser';
import { useCallback } from 'react';
import type * as z from 'zod/mini';
import { errorFrom, OutageError, SignedOutError, SuspendedError } from './errors';
import { useKit } from './kit-context';
import { useSession } from './session';

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  query?: Record<string, string>;
  headers?: Record<string, string>;
  json?: unknown;
  signal?: AbortSignal;
  /** Calls as a member of this organization. */
  organizationId?: string | undefined;
}

/**
 * Calls the API as the signed-in person and returns the answer's body, checked against `schema`.
 *
 * Rejects with an {@link ApiError}; a {@link SignedOutError} also ends the session. Rejects with
 * another error when the body doesn't match the schema, and with the reason of `call.signal`.
 */
export type Api = <T>(path: `/${string}`, schema: z.ZodMiniType<T>, call?: Call) => Promise<T>;

/** Returns the function that calls the API. It stays the same. */
export function useApi(): Api {
  const { apiUrl } = useKit().config;
  const { endSession, setSuspended } = useSession();
  const getAccessToken = useAccessToken();

  return useCallback(
    async (path, schema, call = {}) => {
      const token = await getAccessToken(call.organizationId);
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
    [apiUrl, getAccessToken, endSession, setSuspended],
  );
}

async function send(address: string, token: string, call: Call) {
  const { method = 'GET', query, headers, json, signal } = call;
  const url = query ? `${address}?${new URLSearchParams(query).toString()}` : address;
  const timeout = AbortSignal.timeout(15_000);
  // Outside of the try: a request that can't even be built is no outage.
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
    const text = await response.text();
    const body: unknown = await new Response(text).json().catch(() => undefined);
    return { response, body };
  } catch {
    signal?.throwIfAborted();
    throw new OutageError('api');
  }
}

/** Returns a function that gets an access token for the API. It rejects as {@link Api} does. */
export function useAccessToken() {
  const { apiResource } = useKit().config;
  const request = useLogtoRequest();
  return useCallback(
    (organizationId?: string) =>
      request((logto) => logto.getAccessToken(apiResource, organizationId)),
    [request, apiResource],
  );
}

/** Returns a function that asks Logto something for the person. Rejects as {@link Api} does. */
export function useLogtoRequest(): <T>(ask: (client: LogtoClient) => Promise<T>) => Promise<T> {
  const { client } = useKit();
  const { endSession } = useSession();
  return useCallback(
    async (ask) => {
      try {
        return await ask(client);
      } catch (error) {
        // The client has dropped its tokens when the session is over.
        if (await client.isAuthenticated()) throw error;
        endSession();
        throw new SignedOutError(401, 'unauthenticated', 'There is no session.');
      }
    },
    [client, endSession],
  );
}
