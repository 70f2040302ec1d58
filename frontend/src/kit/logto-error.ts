import { LogtoRequestError } from '@logto/browser';
import { ApiError, BusyError, OutageError, UnexpectedError } from './api-error';
import { retryAfterMs } from './retry-after';
import { storageProblem } from './storage';

/** What an error of the client means to the application. */
export function fromLogtoError(cause: unknown): Error {
  if (cause instanceof OutageError) return cause;
  const response = responseOf(cause);
  if (!(cause instanceof LogtoRequestError) || !response) {
    const message = storageProblem(cause as Error) ?? 'Something unexpected went wrong here.';
    return new UnexpectedError(message, { cause });
  }
  const { status, headers } = response;
  const wait = { cause, retryAfterMs: retryAfterMs(headers.get('Retry-After')) };
  if (status === 429)
    return new BusyError('The sign-in service has too many requests at the moment.', wait);
  if (status < 400 || status >= 500) return new OutageError(unreachable, wait);
  const message =
    cause.code === 'oidc.access_denied'
      ? 'You are not a member of this organization.'
      : `The sign-in service refuses this (${cause.code}).`;
  return new ApiError(status, cause.code, message);
}

export const unreachable = 'The sign-in service can’t be reached.';

/** The answer that an error of the SDK is about. */
export function responseOf(error: unknown): Response | undefined {
  return error instanceof LogtoRequestError && error.cause instanceof Response
    ? error.cause
    : undefined;
}
