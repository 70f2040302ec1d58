import { LogtoError } from '@logto/browser';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { json, stubFetch } from '../testing/answers';
import { never, useFakeTimeouts } from '../testing/timeouts';
import { SerialLogtoClient } from '../kit/logto-client';

type JwtVerifier = SerialLogtoClient['jwtVerifier'];

const issuer = 'https://id.example/oidc';
const storageKey = (item: string) => `logto:app:${item}`;

/** Answers as the provider would, leaving the token endpoint to the test. */
function stubProvider(token: (form: URLSearchParams) => Response | Promise<Response>) {
  return stubFetch(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/oidc/token') return token(new URLSearchParams(await request.text()));
    if (pathname === '/oidc/.well-known/openid-configuration') {
      return json(200, { issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` });
    }
    return json(404, {});
  });
}

const newClient = () => new SerialLogtoClient({ endpoint: 'https://id.example', appId: 'app' });

beforeEach(() => {
  localStorage.setItem(storageKey('idToken'), 'id-token');
  localStorage.setItem(storageKey('refreshToken'), 'refresh-0');
  vi.spyOn(console, 'error').mockReturnValue();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('SerialLogtoClient', () => {
  test('lets one token request through at a time, over two tabs, so that rotation holds', async () => {
    let current = 0;
    stubProvider((form) => {
      // A rotating refresh token is good for one use.
      if (form.get('refresh_token') !== `refresh-${String(current)}`) {
        return json(400, { code: 'oidc.invalid_grant', message: 'Grant request is invalid.' });
      }
      current += 1;
      return json(200, {
        access_token: `access-${form.get('resource') ?? ''}`,
        refresh_token: `refresh-${String(current)}`,
        scope: '',
        expires_in: 3600,
      });
    });
    const [oneTab, otherTab] = [newClient(), newClient()];

    await expect(
      Promise.all([
        oneTab.getAccessToken('https://a.example'),
        oneTab.getAccessToken('https://b.example'),
        otherTab.getAccessToken('https://a.example'),
      ]),
    ).resolves.toEqual([
      'access-https://a.example',
      'access-https://b.example',
      'access-https://a.example',
    ]);
    expect(localStorage.getItem(storageKey('refreshToken'))).toBe('refresh-3');
  });

  test('drops the tokens when the provider refuses the refresh token', async () => {
    stubProvider(() =>
      json(400, { code: 'oidc.invalid_grant', message: 'Grant request is invalid.' }),
    );
    await expect(newClient().getAccessToken('https://a.example')).rejects.toThrow('Grant request');
    expect(localStorage.getItem(storageKey('idToken'))).toBeNull();
    expect(localStorage.getItem(storageKey('refreshToken'))).toBeNull();
  });

  test.each([
    ['is down', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['fails', () => json(500, { code: 'oidc.server_error', message: 'Internal.' })],
    ['answers nonsense', () => new Response('<h1>Bad gateway</h1>', { status: 502 })],
    ['limits the rate', () => new Response('slow down', { status: 429 })],
  ])('keeps the tokens when the provider %s', async (_case, answer) => {
    stubProvider(answer);
    await expect(newClient().getAccessToken('https://a.example')).rejects.toThrow();
    expect(localStorage.getItem(storageKey('idToken'))).toBe('id-token');
    expect(localStorage.getItem(storageKey('refreshToken'))).toBe('refresh-0');
  });

  test.each([
    ['as long as it says', { 'Retry-After': '20' }, 20_000, 20_000],
    ['for two seconds', {}, undefined, 2_000],
  ])('after a 429 nobody asks again: %s', async (_case, headers, told, pause) => {
    vi.useFakeTimers();
    const fetch = stubProvider(() =>
      Response.json({ code: 'oidc.slow_down', message: 'Slow down.' }, { status: 429, headers }),
    );
    const client = newClient();
    const askAll = () =>
      Promise.allSettled(
        ['a', 'b', 'c'].map((name) => client.getAccessToken(`https://${name}.example`)),
      );
    const asked = () =>
      fetch.mock.calls.filter(([request]) => request.url.endsWith('/oidc/token')).length;

    const results = await askAll();
    const busy = { status: 'rejected', reason: { code: 'logto.busy', retryAfterMs: told } };
    expect(results).toMatchObject([busy, busy, busy]);
    expect(asked()).toBe(1);
    await vi.advanceTimersByTimeAsync(pause - 1);
    await askAll();
    expect(asked()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await askAll();
    expect(asked()).toBe(2);
  });

  test('a failure does not block the requests that wait behind it', async () => {
    let isDown = true;
    stubProvider(() => {
      if (isDown) {
        isDown = false;
        return Promise.reject(new TypeError('Failed to fetch'));
      }
      return json(200, { access_token: 'access', scope: '', expires_in: 3600 });
    });
    const client = newClient();
    const results = await Promise.allSettled([
      client.getAccessToken('https://a.example'),
      client.getAccessToken('https://b.example'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  test('a request without an answer fails in time, and those behind it get their turn', async () => {
    useFakeTimeouts();
    let isHung = true;
    stubProvider(() => {
      if (!isHung) return json(200, { access_token: 'access', scope: '', expires_in: 3600 });
      isHung = false;
      return never;
    });
    const results = Promise.allSettled([
      newClient().getAccessToken('https://a.example'),
      newClient().getAccessToken('https://a.example'),
    ]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await results).toMatchObject([
      { status: 'rejected', reason: { name: 'OutageError' } },
      { status: 'fulfilled', value: 'access' },
    ]);
  });

  test('a token in memory waits for nobody, and a turn that never comes fails in time', async () => {
    useFakeTimeouts();
    const token = { token: 'in-memory', scope: '', expiresAt: Date.now() / 1000 + 60 };
    localStorage.setItem(
      storageKey('accessToken'),
      JSON.stringify({ '@https://a.example': token, '@https://a.example#org': token }),
    );
    stubProvider(() => json(404, {}));
    void navigator.locks.request(
      'logto:app:token',
      { signal: new AbortController().signal },
      () => never,
    );
    const client = newClient();
    await vi.advanceTimersByTimeAsync(0);

    await expect(client.getAccessToken('https://a.example')).resolves.toBe('in-memory');
    await expect(client.getAccessToken('https://a.example', 'org')).resolves.toBe('in-memory');

    const other = client.getAccessToken('https://b.example');
    const rejection = expect(other).rejects.toMatchObject({ name: 'OutageError' });
    await vi.advanceTimersByTimeAsync(30_000);
    await rejection;
    expect(localStorage.getItem(storageKey('idToken'))).toBe('id-token');
  });

  test.each([
    ['the network fails', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['somebody in between answers', () => new Response('<h1>Welcome to the hotel</h1>')],
    ['a proxy fails', () => json(502, { error: 'bad gateway' })],
    ['Logto fails', () => json(500, { code: 'oidc.server_error', message: 'Internal.' })],
  ])('%s: an outage', async (_case, answer) => {
    stubProvider(answer);
    const token = newClient().getAccessToken('https://a.example');
    await expect(token).rejects.toMatchObject({ name: 'OutageError' });
  });

  test.each([
    ['a wrong clock', new LogtoError('id_token.invalid_iat')],
    ['keys that can’t be had', new TypeError('Failed to fetch')],
  ])('%s at the check of the ID token doesn’t lose the access token', async (_case, error) => {
    const verifier = Object.getPrototypeOf(newClient().jwtVerifier) as JwtVerifier;
    vi.spyOn(verifier, 'verifyIdToken').mockRejectedValue(error);
    stubProvider(() =>
      json(200, { access_token: 'access', id_token: 'id', scope: '', expires_in: 3600 }),
    );
    await expect(newClient().getAccessToken('https://a.example')).resolves.toBe('access');
    expect(localStorage.getItem(storageKey('idToken'))).toBe('id-token');
  });

  test('a refusal by Logto says why, keeps the tokens, and writes nothing into the console', async () => {
    stubProvider(() => json(403, { code: 'oidc.access_denied', message: 'Access denied.' }));
    const token = newClient().getAccessToken('https://a.example', 'org');
    await expect(token).rejects.toMatchObject({
      name: 'ApiError',
      status: 403,
      code: 'oidc.access_denied',
    });
    expect(localStorage.getItem(storageKey('idToken'))).toBe('id-token');
    expect(console.error).not.toHaveBeenCalled();
  });

  test('a browser without Web Locks: no outage', async () => {
    Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true });
    stubProvider(() => json(404, {}));
    const token = newClient().getAccessToken('https://a.example');
    await expect(token).rejects.toMatchObject({ name: 'TypeError' });
  });

  test('a sign-out drops the tokens before it tells the provider, and does not wait for the revocation', async () => {
    const revoked: string[] = [];
    stubFetch(async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname.endsWith('/revocation')) {
        revoked.push(await request.text());
        return never;
      }
      expect(localStorage).toHaveLength(0);
      return json(200, {
        revocation_endpoint: `${issuer}/token/revocation`,
        end_session_endpoint: `${issuer}/session/end`,
      });
    });
    const client = newClient();
    const navigate = vi.spyOn(client.adapter, 'navigate').mockReturnValue();

    await client.signOut('https://app.example/');
    expect(navigate).toHaveBeenCalledOnce();
    expect(navigate.mock.lastCall?.[0]).toMatch(/^https:\/\/id\.example\/oidc\/session\/end\?/);
    expect(revoked).toEqual(['client_id=app&token=refresh-0']);
  });

  test.each([
    ['discovery', '/oidc/.well-known/openid-configuration'],
    ['the code exchange', '/oidc/token'],
  ])('a sign-in fails in time when %s gets no answer', async (_case, hung) => {
    useFakeTimeouts();
    stubFetch((request) =>
      new URL(request.url).pathname === hung
        ? never
        : json(200, { issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` }),
    );
    const session = { redirectUri: 'https://app.example/callback', codeVerifier: 'v', state: 's' };
    sessionStorage.setItem(storageKey('signInSession'), JSON.stringify(session));
    const callback = newClient().handleSignInCallback(`${session.redirectUri}?code=c&state=s`);
    const rejection = expect(callback).rejects.toMatchObject({ name: 'OutageError' });
    await vi.advanceTimersByTimeAsync(10_000);
    await rejection;
  });

  test('a sign-in for which the keys can’t be had fails as an outage', async () => {
    const verifier = Object.getPrototypeOf(newClient().jwtVerifier) as JwtVerifier;
    vi.spyOn(verifier, 'verifyIdToken').mockRejectedValue(new TypeError('Failed to fetch'));
    stubProvider(() =>
      json(200, { access_token: 'access', id_token: 'id', scope: '', expires_in: 3600 }),
    );
    const session = { redirectUri: 'https://app.example/callback', codeVerifier: 'v', state: 's' };
    sessionStorage.setItem(storageKey('signInSession'), JSON.stringify(session));
    const callback = newClient().handleSignInCallback(`${session.redirectUri}?code=c&state=s`);
    await expect(callback).rejects.toMatchObject({ name: 'OutageError' });
  });

  test('a sign-out without an answer fails in time, and the tokens are gone', async () => {
    useFakeTimeouts();
    stubFetch(() => never);
    const rejection = expect(newClient().signOut()).rejects.toMatchObject({ name: 'OutageError' });
    await vi.advanceTimersByTimeAsync(0);
    expect(localStorage).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(10_000);
    await rejection;
  });
});
