import { vi } from 'vitest';
import { unlessAborted } from './timeouts';

/** A response in JSON. */
export function json(status: number, body: unknown): Response {
  return Response.json(body, { status });
}

/** A response in the shape of Encore's errors. */
export function encoreError(
  status: number,
  code: string,
  message: string,
  details: unknown = null,
): Response {
  return json(status, { code, message, details });
}

/**
 * Replaces fetch by one that answers every request which isn't aborted before. An answer may come
 * late, or never. Returns the spy.
 */
export function stubFetch(answer: (request: Request) => Response | Promise<Response>) {
  const fetch = vi.fn((request: Request) => Promise.resolve(answer(request)));
  vi.stubGlobal('fetch', async (input: string | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    return unlessAborted(fetch(request), request.signal);
  });
  return fetch;
}
