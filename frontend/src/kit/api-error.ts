import * as z from 'zod/mini';
import { retryAfterMs } from './retry-after';
import { lockedOut, missingScope } from '../features/api/schema';

/** The API refused the call. `message` is meant for the person who made it. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  /** HTTP status. */
  readonly status: number;
  /** Encore's error code, such as `permission_denied` or `invalid_argument`. */
  readonly code: string;
  /** What the endpoint adds to the code, such as the present state after a conflict. */
  readonly details: unknown;

  constructor(status: number, code: string, message: string, details?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The person lacks a permission. */
export class MissingScopeError extends ApiError {
  override readonly name = 'MissingScopeError';
  /** The permission's name, such as `read:todos`. */
  readonly scope: string;

  constructor(message: string, scope: string) {
    super(403, 'permission_denied', message, { scope });
    this.scope = scope;
  }
}

/** The person is locked out, whatever they call. */
export class SuspendedError extends ApiError {
  override readonly name = 'SuspendedError';
}

/** No answer for now: the API, what it depends on, or the way there is down. Worth trying again. */
export class OutageError extends Error {
  override readonly name: string = 'OutageError';
  /** How long to wait before the next try, in milliseconds, when the answer says so. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options?: ErrorOptions & { retryAfterMs?: number | undefined }) {
    super(message, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** No answer for now: there are too many requests. Worth trying again after the time told. */
export class BusyError extends OutageError {
  override readonly name = 'BusyError';
}

/** There is no session any more, so the call was not made or not accepted. */
export class SignedOutError extends Error {
  override readonly name = 'SignedOutError';
}

/**
 * What should not happen: an answer of another shape, a feature that the browser lacks, a bug.
 * `message` is meant for the person, `cause` for developers.
 */
export class UnexpectedError extends Error {
  override readonly name = 'UnexpectedError';
}

/** Whether an error needs no report: the person is told all there is to know of it. */
export function isExpected(error: unknown): boolean {
  return [ApiError, OutageError, SignedOutError].some((kind) => error instanceof kind);
}

/** What a person may read of an error. */
export function textFor(error: Error): string {
  const isForPeople = isExpected(error) || error instanceof UnexpectedError;
  return isForPeople ? error.message : 'Something unexpected went wrong here.';
}

const encoreError = z.object({
  code: z.string(),
  message: z.string(),
  details: z.optional(z.unknown()),
});

/** An answer of the API, or of a proxy before it. */
export interface Answer {
  status: number;
  body: string;
  /** The header `Retry-After`. */
  retryAfter: string | null;
}

/** The error that an answer with an unsuccessful status stands for. */
export function errorFrom({ status, body, retryAfter }: Answer): Error {
  const { data } = encoreError.safeParse(parseJson(body));
  const message = data?.message.slice(0, 300);

  if (status === 401) return new SignedOutError(message ?? 'The session is not accepted.');
  const wait = { retryAfterMs: retryAfterMs(retryAfter, data?.details) };
  if (status === 429) return new BusyError('There are too many requests at the moment.', wait);
  if (status === 502 || status === 503 || status === 504) {
    return new OutageError('The service can’t answer for now.', wait);
  }
  const code = data?.code ?? 'unknown';
  const text = message ?? `The service answered with status ${String(status)}.`;
  if (status === 403) {
    if (lockedOut.safeParse(data?.details).data?.suspended) {
      return new SuspendedError(status, code, text, data?.details);
    }
    const missing = missingScope.safeParse(data?.details);
    if (missing.success) return new MissingScopeError(text, missing.data.scope);
  }
  return new ApiError(status, code, text, data?.details);
}

/** The body of an answer, or undefined when it is empty or not JSON. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
