import type LogtoClient from '@logto/browser';
import { useCallback } from 'react';
import { SignedOutError } from './api-error';
import { useLogtoClient } from './logto-client-context';
import { fromLogtoError, responseOf } from './logto-error';
import { useSession } from './session-context';

export type LogtoRequest = <T>(ask: (client: LogtoClient) => Promise<T>) => Promise<T>;

/**
 * Returns a function that asks Logto something for the signed-in person. It never changes.
 *
 * It rejects with {@link SignedOutError} when there is no session (which is ended then),
 * {@link ApiError} when Logto refuses, {@link OutageError} when Logto is away (a {@link BusyError}
 * when it has too many requests), and {@link UnexpectedError} for anything else.
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
        throw fromLogtoError(cause);
      }
    },
    [client, endSession],
  );
}

/** The HTTP status of the answer that an error of the SDK is about. */
export function statusOf(error: unknown): number | undefined {
  return responseOf(error)?.status;
}
