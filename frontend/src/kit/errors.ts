import * as z from 'zod/mini';

/** A call was refused. People read a text for its code. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  readonly status: number;
  /** Encore's or Logto's code, such as `permission_denied`. */
  readonly code: string;
  /** What the endpoint adds, such as the current state after a conflict. */
  readonly details: unknown;

  constructor(status: number, code: string, message: string, details?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The person lacks a permission, such as `read:users`. */
export class MissingScopeError extends ApiError {
  override readonly name = 'MissingScopeError';
  declare readonly details: { scope: string };
}

/** The person is locked out, whatever they call. */
export class SuspendedError extends ApiError {
  override readonly name = 'SuspendedError';
}

/** The session is over: the call was refused, or not made. */
export class SignedOutError extends ApiError {
  override readonly name = 'SignedOutError';
}

/** The service is down, busy or can't be reached. Worth trying again. */
export class OutageError extends ApiError {
  override readonly name = 'OutageError';
  readonly retryAfterMs: number | undefined;

  constructor(service: 'api' | 'logto', status = 503, retryAfterMs?: number) {
    super(status, `${service}.${status === 429 ? 'busy' : 'unavailable'}`, 'No answer.');
    this.retryAfterMs = retryAfterMs;
  }
}

/** The shape of Encore's errors, and of Logto's. */
export const anError = z.object({
  code: z.string(),
  message: z.string(),
  details: z.optional(z.unknown()),
});
const knownDetails = z.partial(
  z.object({ scope: z.string(), suspended: z.boolean(), retry_after: z.number() }),
);

/** The error for an unsuccessful answer of the API, or of a proxy in front of it. */
export function errorFrom({ status, headers }: Response, body: unknown): ApiError {
  const { data } = anError.safeParse(body);
  const { code = String(status), message = 'The service refused.', details } = data ?? {};
  const { scope, suspended, retry_after } = knownDetails.safeParse(details).data ?? {};
  if (status === 401) return new SignedOutError(401, 'unauthenticated', message);
  if ([429, 502, 503, 504].includes(status)) {
    return new OutageError('api', status, retryAfterMs(headers, retry_after));
  }
  if (status === 403 && suspended) return new SuspendedError(403, code, message);
  if (status === 403 && scope) return new MissingScopeError(403, code, message, { scope });
  return new ApiError(status, code, message.slice(0, 300), details);
}

export const maxWaitMs = 60_000;

/**
 * How long to wait before the next try: `seconds`, or else the header `Retry-After`, which has seconds
 * or a date (RFC 9110, section 10.2.3). At most a minute.
 */
export function retryAfterMs(headers: Headers, seconds = NaN): number | undefined {
  const header = headers.get('Retry-After') ?? '';
  const date = header.endsWith(' GMT') ? Date.parse(header) - Date.now() : NaN;
  const inHeader = /^\d+$/.test(header) ? Number(header) * 1000 : date;
  const wait = [seconds * 1000, inHeader].find((ms) => ms > 0);
  return wait && Math.min(wait, maxWaitMs);
}
