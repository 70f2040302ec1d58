import { useCallback, useMemo } from 'react';
import type * as z from 'zod/mini';
import { useEnv } from '../config/env-context';
import { useSession } from './session-context';
import {
  type Answer,
  errorFrom,
  OutageError,
  parseJson,
  SignedOutError,
  SuspendedError,
  UnexpectedError,
} from './api-error';
import { useLogtoRequest } from './use-logto-request';

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
 * when they lack a permission, {@link OutageError} when no answer can be had for now (a
 * {@link BusyError} when there are too many requests),
 * {@link ApiError} when the API refuses, {@link UnexpectedError} for an answer of another shape, and the signal's reason when `call.signal` aborts.
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
  const { apiUrl, apiResource } = useEnv();
  const { endSession, setSuspended } = useSession();
  const request = useLogtoRequest();

  return useCallback(
    (organizationId): Api =>
      async (path, schema, call = {}) => {
        const token = await request((client) => client.getAccessToken(apiResource, organizationId));
        const answer = await send(apiUrl + path, token, call);
        const { status, body } = answer;
        if (status >= 400) {
          const error = errorFrom(answer);
          if (error instanceof SignedOutError) endSession();
          if (error instanceof SuspendedError) setSuspended(true);
          throw error;
        }
        const parsed = schema.safeParse(parseJson(body));
        if (!parsed.success) {
          const cause = new Error(`${call.method ?? 'GET'} ${path}`, { cause: parsed.error });
          throw new UnexpectedError('The service answered something unexpected.', { cause });
        }
        return parsed.data;
      },
    [apiUrl, apiResource, request, endSession, setSuspended],
  );
}

async function send(address: string, token: string, call: Call): Promise<Answer> {
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
    return {
      status: response.status,
      body: await response.text(),
      retryAfter: response.headers.get('Retry-After'),
    };
  } catch (cause) {
    signal?.throwIfAborted();
    throw new OutageError('The service can’t be reached.', { cause });
  }
}
