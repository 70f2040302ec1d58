import type { LogtoRequestError, default as LogtoClient } from '@logto/browser';
import { useCallback } from 'react';
import { ApiError, BusyError, OutageError, SignedOutError } from '../api/api-error';
import { retryAfterMs } from '../api/retry-after';
import { responseOf } from './logto-client';
import { useLogtoClient } from './logto-client-context';
import { useSession } from './session-context';

export type LogtoRequest = <T>(ask: (client: LogtoClient) => Promise<T>) => Promise<T>;

/**
 * Returns a function that asks Logto something for the signed-in person. It never changes.
 *
 * It rejects with {@link SignedOutError} when there is no session (which is ended then),
 * {@link ApiError} when Logto refuses, and {@link OutageError} when Logto is away (a
 * {@link BusyError} when it has too many requests).
 */
export function useLogtoRequest(): LogtoRequest {
  const client = useLogtoClient();
  const { endSession } = useSession();

  return useCallback<LogtoRequest>(
    async (ask) => {
      try {
        return await ask(client);
      } catch (cause) {
        // The client drops the tokens when the session is over, and keeps them otherwise.
        if (!(await client.isAuthenticated())) {
          endSession();
          throw new SignedOutError('There is no session.', { cause });
        }
        throw errorFrom(cause);
      }
    },
    [client, endSession],
  );
}

function errorFrom(cause: unknown): Error {
  const response = responseOf(cause);
  const status = response?.status ?? 0;
  const wait = { cause, retryAfterMs: retryAfterMs(response?.headers.get('Retry-After') ?? null) };
  if (status === 429)
    return new BusyError('The sign-in service has too many requests at the moment.', wait);
  if (status < 400 || status >= 500) {
    return new OutageError('The sign-in service can’t be reached.', wait);
  }
  const { code } = cause as LogtoRequestError;
  const message =
    code === 'oidc.access_denied'
      ? 'You are not a member of this organization.'
      : `The sign-in service refuses this (${code}).`;
  return new ApiError(status, code, message);
}

/** The HTTP status of the answer that an error of the SDK is about. */
export function statusOf(error: unknown): number | undefined {
  return responseOf(error)?.status;
}
