import { retryAfter } from '../features/api/schema';

const maxMs = 60_000;

/**
 * How long to wait before a refused call is made again, in milliseconds, at most a minute. It stands
 * in the details of the API's errors, or in the header `Retry-After` of a proxy before the API, in
 * seconds or as a date (RFC 9110, section 10.2.3). Undefined when neither says anything usable.
 */
export function retryAfterMs(header: string | null, details?: unknown): number | undefined {
  const seconds = retryAfter.safeParse(details).data?.retry_after ?? NaN;
  const told = [seconds * 1000, parseHeader(header ?? '')].find((ms) => ms > 0);
  return told && Math.min(told, maxMs);
}

/**
 * When to make a call again, in milliseconds from now: a little later than told, each time by another
 * bit, so that those who were told the same don't come back at the same moment.
 */
export function withJitter(ms: number): number {
  return Math.min(ms * (1 + Math.random() / 4), maxMs);
}

function parseHeader(header: string): number {
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  return header.endsWith(' GMT') ? Date.parse(header) - Date.now() : NaN;
}
