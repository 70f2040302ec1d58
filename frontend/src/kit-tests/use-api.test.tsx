import { act, renderHook, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { encoreError, json, stubFetch } from '../testing/answers';
import { fakeLogto, type FakeLogto } from '../testing/fake-logto';
import { open, withProviders } from '../testing/render';
import type { AuthLockedOut, FaultRetryAfter, ScopesMissingScope } from '../features/api/types.gen';
import { useSession } from '../kit/session';
import { ApiError, OutageError, SignedOutError, SuspendedError } from '../kit/errors';
import { useApi } from '../kit/use-api';

const hello = z.object({ message: z.string() });

afterEach(() => {
  vi.useRealTimers();
});

/** The hook of a signed-in person, beside the state of their session. */
async function signedInApi(
  logto: FakeLogto = fakeLogto({ signedIn: true }),
  organizationId?: string,
) {
  const { result } = renderHook(() => ({ api: useApi(), session: useSession() }), {
    wrapper: withProviders(logto),
  });
  await waitFor(() => {
    expect(result.current.session.session.status).toBe('signed-in');
  });
  return {
    api: () => result.current.api,
    call: () =>
      act(() =>
        result.current
          .api('/api/hello', hello, { organizationId })
          .catch((error: unknown) => error),
      ),
    session: () => result.current.session,
    status: () => result.current.session.session.status,
  };
}

describe('useApi', () => {
  test('sends the access token for the API, and no cookies', async () => {
    const logto = fakeLogto({ signedIn: true });
    const fetch = stubFetch(() => json(200, { message: 'Hello!' }));
    const { call } = await signedInApi(logto);

    expect(await call()).toEqual({ message: 'Hello!' });
    expect(logto.client.getAccessToken).toHaveBeenCalledWith(
      'https://api.example/resource',
      undefined,
    );
    const request = fetch.mock.lastCall?.[0];
    expect(request?.url).toBe('https://api.example/api/hello');
    expect(request?.headers.get('Authorization')).toBe('Bearer access-token');
    expect(request?.credentials).toBe('omit');
  });

  test('returns the same function before and after calls', async () => {
    stubFetch(() => json(200, { message: 'Hello!' }));
    const { api, call } = await signedInApi();
    const before = api();
    await call();
    expect(api()).toBe(before);
  });

  test('without a session it calls nobody and ends the session', async () => {
    const logto = fakeLogto({ signedIn: true });
    const fetch = stubFetch(() => json(200, {}));
    const { call, status } = await signedInApi(logto);
    logto.client.getAccessToken.mockRejectedValue(new Error('Grant request is invalid.'));
    logto.client.isAuthenticated.mockResolvedValue(false);

    expect(await call()).toBeInstanceOf(SignedOutError);
    expect(fetch).not.toHaveBeenCalled();
    expect(status()).toBe('ended');
  });

  test('with the provider out of reach it calls nobody and keeps the session', async () => {
    const logto = fakeLogto({ signedIn: true });
    const fetch = stubFetch(() => json(200, {}));
    const { call, status } = await signedInApi(logto);
    logto.client.getAccessToken.mockRejectedValue(new OutageError('logto'));

    expect(await call()).toBeInstanceOf(OutageError);
    expect(fetch).not.toHaveBeenCalled();
    expect(status()).toBe('signed-in');
  });

  test('a 401 ends the session and drops the tokens', async () => {
    const logto = fakeLogto({ signedIn: true });
    stubFetch(() => encoreError(401, 'unauthenticated', 'the token has expired'));
    const { call, status } = await signedInApi(logto);

    expect(await call()).toEqual(
      new SignedOutError(401, 'unauthenticated', 'the token has expired'),
    );
    expect(status()).toBe('ended');
    expect(await logto.client.getIdToken()).toBeNull();
  });

  test.each([
    ['a 503', () => encoreError(503, 'unavailable', 'no connection to 10.0.0.5')],
    ['a 502 of a proxy', () => new Response('<h1>Bad gateway</h1>', { status: 502 })],
    ['no connection', () => Promise.reject(new TypeError('Failed to fetch'))],
  ])('%s is an outage, and keeps the session', async (_case, answer) => {
    stubFetch(answer);
    const { call, status } = await signedInApi();
    const error = await call();
    expect(error).toBeInstanceOf(OutageError);
    expect(error).toMatchObject({ code: 'api.unavailable' });
    expect(error).not.toHaveProperty('message', expect.stringContaining('10.0.0.5'));
    expect(status()).toBe('signed-in');
  });

  test.each([
    ['the API’s details', null, { retry_after: 3 } satisfies FaultRetryAfter, 3000],
    ['a proxy’s header in seconds', '7', null, 7000],
    ['a proxy’s header with a date', 'Sat, 21 Nov 2026 08:00:05 GMT', null, 5000],
    ['the details before the header', '7', { retry_after: 3 }, 3000],
    ['at most a minute', null, { retry_after: 86_400 }, 60_000],
    ['at most a minute, of a date', 'Sun, 21 Nov 2027 08:00:00 GMT', null, 60_000],
    ['nothing of a time that is over', 'Sat, 21 Nov 2026 07:59:59 GMT', null, undefined],
    ['nothing of nonsense', 'soon', { retry_after: 'soon' }, undefined],
    ['nothing of a negative number', '-5', { retry_after: -5 }, undefined],
    ['nothing of a zero', '0', { retry_after: 0 }, undefined],
    ['nothing when nothing is said', null, null, undefined],
  ])('a 429 and a 503 say when to try again: %s', async (_case, header, details, expected) => {
    vi.useFakeTimers({ now: Date.parse('2026-11-21T08:00:00Z'), toFake: ['Date'] });
    let status = 429;
    stubFetch(() =>
      Response.json(
        { code: 'resource_exhausted', message: 'too many', details },
        { status, headers: header === null ? {} : { 'Retry-After': header } },
      ),
    );
    const { call, status: sessionStatus } = await signedInApi();
    const busy = await call();
    expect(busy).toMatchObject({ name: 'OutageError', code: 'api.busy' });
    expect(busy).toHaveProperty('retryAfterMs', expected);
    status = 503;
    const outage = await call();
    expect(outage).toMatchObject({ name: 'OutageError', code: 'api.unavailable' });
    expect(outage).toHaveProperty('retryAfterMs', expected);
    expect(sessionStatus()).toBe('signed-in');
  });

  test('a 429 of the sign-in service says when to try again, too', async () => {
    const logto = fakeLogto({ signedIn: true });
    const fetch = stubFetch(() => json(200, {}));
    const { call, status } = await signedInApi(logto);
    logto.client.getAccessToken.mockRejectedValue(new OutageError('logto', 429, 9000));
    expect(await call()).toMatchObject({ code: 'logto.busy', retryAfterMs: 9000 });
    expect(fetch).not.toHaveBeenCalled();
    expect(status()).toBe('signed-in');
  });

  test('with an organization’s id it asks as a member of it', async () => {
    const logto = fakeLogto({ signedIn: true });
    const fetch = stubFetch(() => json(200, { message: 'Hello!' }));
    const { call } = await signedInApi(logto, 'org1');
    expect(await call()).toEqual({ message: 'Hello!' });
    expect(logto.client.getAccessToken).toHaveBeenCalledWith(
      'https://api.example/resource',
      'org1',
    );
    expect(fetch.mock.lastCall?.[0].headers.get('Authorization')).toBe(
      'Bearer access-token-of-org1',
    );
  });

  test('a refusal by Logto is no outage, and keeps the session', async () => {
    const logto = fakeLogto({ signedIn: true });
    const fetch = stubFetch(() => json(200, {}));
    const { call, status } = await signedInApi(logto, 'org1');
    logto.client.getAccessToken.mockRejectedValue(
      new ApiError(403, 'oidc.access_denied', 'Access denied.'),
    );
    expect(await call()).toMatchObject({
      name: 'ApiError',
      status: 403,
      code: 'oidc.access_denied',
    });
    expect(fetch).not.toHaveBeenCalled();
    expect(status()).toBe('signed-in');
  });

  test('a 403 names the permission that is missing, and keeps the session', async () => {
    stubFetch(() =>
      encoreError(403, 'permission_denied', 'you need the permission read:users', {
        scope: 'read:users',
      } satisfies ScopesMissingScope),
    );
    const { call, status } = await signedInApi();
    expect(await call()).toMatchObject({
      name: 'MissingScopeError',
      details: { scope: 'read:users' },
    });
    expect(status()).toBe('signed-in');
  });

  test('a 403 of a suspended person locks them out, until they try again', async () => {
    stubFetch(() =>
      encoreError(403, 'permission_denied', 'your account is suspended', {
        suspended: true,
      } satisfies AuthLockedOut),
    );
    const { call, status, session } = await signedInApi();
    expect(await call()).toBeInstanceOf(SuspendedError);
    expect(status()).toBe('suspended');
    act(() => {
      session().setSuspended(false);
    });
    expect(status()).toBe('signed-in');
  });

  test('sends a query, headers and a body in JSON', async () => {
    const fetch = stubFetch(() => json(200, { message: 'Hello!' }));
    const { api } = await signedInApi();
    await act(() =>
      api()('/users', hello, {
        method: 'POST',
        query: { q: 'a b&c' },
        headers: { 'Idempotency-Key': 'k' },
        json: { text: 'Buy milk' },
      }),
    );
    const request = fetch.mock.lastCall?.[0];
    expect(request?.method).toBe('POST');
    expect(request?.url).toBe('https://api.example/users?q=a+b%26c');
    expect(request?.headers.get('Idempotency-Key')).toBe('k');
    expect(await request?.json()).toEqual({ text: 'Buy milk' });
  });

  test.each([
    [
      'Encore’s code and message',
      () => encoreError(409, 'aborted', 'changed meanwhile', { current: 1 }),
      { name: 'ApiError', status: 409, code: 'aborted', message: 'changed meanwhile' },
    ],
    [
      'the status when the body is not Encore’s',
      () => new Response('<h1>Oops</h1>', { status: 500 }),
      { name: 'ApiError', status: 500, code: '500', message: /refused/ },
    ],
  ])('a refusal carries %s, and keeps the session', async (_case, answer, expected) => {
    stubFetch(answer);
    const { call, status } = await signedInApi();
    expect(await call()).toMatchObject({
      ...expected,
      message: expect.stringMatching(expected.message) as string,
    });
    expect(status()).toBe('signed-in');
  });

  test('an aborted call rejects with the reason of its signal', async () => {
    const fetch = stubFetch(() => json(200, { message: 'Hello!' }));
    const { api } = await signedInApi();
    const reason = new Error('left the page');
    await act(async () => {
      const call = api()('/api/hello', hello, { signal: AbortSignal.abort(reason) });
      await expect(call).rejects.toBe(reason);
    });
    expect(fetch).not.toHaveBeenCalled();
  });
});

describe('a page that calls the API', () => {
  test('a 401 leads to one call and one offer to sign in again, never to a loop', async () => {
    const logto = fakeLogto({ signedIn: true });
    const fetch = stubFetch(() => encoreError(401, 'unauthenticated', 'the token has expired'));
    open('/under-the-hood/call', logto);

    expect(await screen.findByRole('button', { name: 'Sign in again' })).toBeVisible();
    expect(fetch).toHaveBeenCalledOnce();
    expect(logto.client.signIn).not.toHaveBeenCalled();
  });

  test('a 503 says that the service is unavailable, and goes on by itself when it is back', async () => {
    let isAway = true;
    stubFetch(() =>
      isAway
        ? encoreError(503, 'unavailable', 'the database is unavailable')
        : json(200, { message: 'Hello, alice0000001!' }),
    );
    open('/under-the-hood/call', fakeLogto({ signedIn: true }));

    expect(
      await screen.findByRole('heading', { name: 'The service is unavailable' }),
    ).toBeVisible();
    expect(screen.getByText(/^The service can’t be reached right now/)).toBeVisible();
    expect(screen.getByRole('button', { name: /^Menu/ })).toBeVisible();

    isAway = false;
    expect(
      await screen.findByText('Hello, alice0000001!', undefined, { timeout: 10_000 }),
    ).toBeVisible();
  });

  test('a 429 is no refusal: it is repeated as told, not sooner and not at one moment for all', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    let isBusy = true;
    const fetch = stubFetch(() =>
      isBusy
        ? encoreError(429, 'resource_exhausted', 'too many new tokens', { retry_after: 20 })
        : json(200, { message: 'Hello, alice0000001!' }),
    );
    open('/under-the-hood/call', fakeLogto({ signedIn: true }));

    expect(await screen.findByRole('heading', { name: 'The service is busy' })).toBeVisible();
    expect(screen.getByText(/You stay signed in\. Trying again…/)).toBeVisible();
    expect(screen.queryByText('That didn’t work')).not.toBeInTheDocument();
    await act(() => vi.advanceTimersByTimeAsync(20_000));
    expect(fetch).toHaveBeenCalledTimes(1);
    await act(() => vi.advanceTimersByTimeAsync(3_000));
    expect(fetch).toHaveBeenCalledTimes(2);
    expect(screen.getByRole('heading', { name: 'The service is busy' })).toBeVisible();

    isBusy = false;
    await act(() => vi.advanceTimersByTimeAsync(23_000));
    expect(await screen.findByText('Hello, alice0000001!')).toBeVisible();
    expect(screen.queryByText('The service is busy')).not.toBeInTheDocument();
  });
});
