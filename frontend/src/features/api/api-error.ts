import * as z from 'zod/mini';

/** The API refused the call. `message` is meant for the person who made it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status. */
  readonly status: number;
  /** Encore's error code, such as `permission_denied` or `invalid_argument`. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** No answer for now: the API, what it depends on, or the way there is down. Worth trying again. */
export class OutageError extends Error {
  override readonly name = 'OutageError';
}

/** There is no session any more, so the call was not made or not accepted. */
export class SignedOutError extends Error {
  override readonly name = 'SignedOutError';
}

const encoreError = z.object({ code: z.string(), message: z.string() });

/** The error that an answer with an unsuccessful status stands for. */
export function errorFrom(status: number, body: string): Error {
  const { data } = encoreError.safeParse(parseJson(body));
  const message = data?.message.slice(0, 300);

  if (status === 401) return new SignedOutError(message ?? 'The session is not accepted.');
  if (status === 502 || status === 503 || status === 504) {
    return new OutageError(message ?? 'The service gives no answer.');
  }
  return new ApiError(
    status,
    data?.code ?? 'unknown',
    message ?? `The service answered with status ${String(status)}.`,
  );
}

/** The body of an answer, or undefined when it is empty or not JSON. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
