import * as z from 'zod/mini';

/** A call failed for a reason that people are told, by its code. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  /** HTTP status. */
  readonly status: number;
  /** Encore's or Logto's code, such as `permission_denied`. */
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

/** The person lacks a permission, such as `read:todos`. */
export class MissingScopeError extends ApiError {
  override readonly name = 'MissingScopeError';
  declare readonly details: { scope: string };
}

/** The person is locked out, whatever they call. */
export class SuspendedError extends ApiError {
  override readonly name = 'SuspendedError';
}

/** There is no session any more, so the call was not made or not accepted. */
export class SignedOutError extends ApiError {
  override readonly name = 'SignedOutError';
}

/** No answer for now: the service or the way there is down, or it is busy. Worth trying again. */
export class OutageError extends ApiError {
  override readonly name = 'OutageError';
  readonly isBusy: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(service: 'api' | 'logto', status = 503, retryAfterMs?: number) {
    super(status, `${service}.${status === 429 ? 'busy' : 'unavailable'}`, 'No answer for now.');
    this.isBusy = status === 429;
    this.retryAfterMs = retryAfterMs;
  }
}

const optional = z.optional(z.unknown());
/** The form of errors of Encore. Those of Logto have it, too. */
export const anError = z.object({ code: z.string(), message: z.string(), details: optional });
const missingScope = z.object({ scope: z.string() });
const lockedOut = z.object({ suspended: z.literal(true) });
const retryAfter = z.object({ retry_after: z.number() });

/** The error that an unsuccessful answer of the API, or of a proxy before it, stands for. */
export function errorFrom({ status, headers }: Response, body: unknown): ApiError {
  const { data } = anError.safeParse(body);
  const { code = String(status), message = 'The service refused.', details } = data ?? {};
  if (status === 401) return new SignedOutError(401, 'unauthenticated', message);
  if ([429, 502, 503, 504].includes(status)) {
    return new OutageError('api', status, retryAfterMs(headers, details));
  }
  if (status === 403) {
    if (lockedOut.safeParse(details).success) return new SuspendedError(403, code, message);
    const { data: missing } = missingScope.safeParse(details);
    if (missing) return new MissingScopeError(403, code, message, missing);
  }
  return new ApiError(status, code, message.slice(0, 300), details);
}

const maxWaitMs = 60_000;

/**
 * How long to wait before a call is made again, at most a minute. It stands in the details of the
 * API's errors, or in the header `Retry-After`, in seconds or as a date (RFC 9110, section 10.2.3).
 */
export function retryAfterMs(headers: Headers, details?: unknown): number | undefined {
  const header = headers.get('Retry-After') ?? '';
  const seconds = retryAfter.safeParse(details).data?.retry_after ?? NaN;
  const date = header.endsWith(' GMT') ? Date.parse(header) - Date.now() : NaN;
  const inHeader = /^\d+$/.test(header) ? Number(header) * 1000 : date;
  const told = [seconds * 1000, inHeader].find((ms) => ms > 0);
  return told && Math.min(told, maxWaitMs);
}

/** A little later, each time by another bit: who was told the same doesn't come at one moment. */
export function withJitter(ms: number): number {
  return Math.min(ms * (1 + Math.random() / 4), maxWaitMs);
}
