import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { HeadlessBrowser, requestToken } from '../src/headless-sign-in.js';
import { Lifetimes } from '../src/lifetimes.js';
import { acme, api, openPage, password, startProvider } from '../testing/provider.js';

test('a refresh token rotates on every use', async (t) => {
  const { signIn, refresh } = await startProvider(t);
  const { refresh_token: first } = await signIn('alice');
  const { refresh_token: second } = await refresh(first, { resource: api });
  const { refresh_token: third } = await refresh(second, { resource: api });
  assert.equal(new Set([first, second, third]).size, 3);
});

test('a used refresh token is good for 3 seconds after its last use', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const { signIn, refresh } = await startProvider(t);
  const { refresh_token: used } = await signIn('alice');
  await Promise.all([refresh(used, { resource: api }), refresh(used, { resource: api })]);
  t.mock.timers.tick(3000);
  await refresh(used);
  t.mock.timers.tick(3000);
  const { refresh_token: newest } = await refresh(used);

  t.mock.timers.tick(3001);
  await assert.rejects(refresh(used), /^Error: invalid_grant/);
  // So late a use means a theft, so the whole family is revoked.
  await assert.rejects(refresh(newest), /^Error: invalid_grant/);
});

test('a code is good for one use', async (t) => {
  const { issuer } = await startProvider(t);
  const page = await openPage(issuer);
  const { url } = await page.submit({ identifier: 'alice', password });
  await exchangeCode(issuer, url);
  await assert.rejects(exchangeCode(issuer, url), /^Error: invalid_grant/);
});

test('a refresh token needs offline_access together with prompt=consent', async (t) => {
  const { signIn } = await startProvider(t);
  const { refresh_token } = await signIn('alice', { parameters: { prompt: 'login' } });
  assert.equal(refresh_token, undefined);
  const tokens = await signIn('alice', { scopes: ['openid', 'profile'] });
  assert.equal(tokens.refresh_token, undefined);
});

test('a person is not asked for the password again while the session lasts', async (t) => {
  const { signIn } = await startProvider(t);
  const browser = new HeadlessBrowser();
  await signIn('alice', { browser });
  const { refresh_token } = await signIn('nobody', { browser, password: '' });
  assert.match(refresh_token, /^[\w-]{43}$/);
});

test('a refresh token lives as long as set, whatever its rotations', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const { signIn, refresh } = await startProvider(t, {
    lifetimes: new Lifetimes({ refreshToken: 60 }),
  });
  const { refresh_token: first } = await signIn('alice');
  t.mock.timers.tick(40_000);
  const { refresh_token: second } = await refresh(first);
  t.mock.timers.tick(21_000);
  await assert.rejects(refresh(second), /^Error: invalid_grant/);
});

test('a session lives as long as set, from its last use on', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const { signIn } = await startProvider(t, { lifetimes: new Lifetimes({ session: 60 }) });
  const browser = new HeadlessBrowser();
  await signIn('alice', { browser });
  t.mock.timers.tick(40_000);
  await signIn('nobody', { browser, password: '' });
  t.mock.timers.tick(40_000);
  await signIn('nobody', { browser, password: '' });
  t.mock.timers.tick(61_000);
  await assert.rejects(signIn('', { browser, password: '' }), /Enter your username/);
});

test('the organization token of a stranger is refused, and costs no refresh token', async (t) => {
  const { issuer, signIn, refresh } = await startProvider(t);
  const { refresh_token } = await signIn('bob');
  for (const resource of /** @type {Record<string, string>[]} */ ([{}, { resource: api }])) {
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: 'spa1localencore2logto',
        refresh_token,
        organization_id: acme,
        ...resource,
      }),
    });
    assert.equal(response.status, 403);
    assert.deepEqual(await response.json(), {
      code: 'oidc.access_denied',
      message: 'Access denied.',
      error: 'access_denied',
      error_description: 'user is not a member of the organization',
    });
  }
  assert.match((await refresh(refresh_token)).access_token, /^[\w-]{43}$/);
});

test('organization tokens need the scope and the resource for them at sign-in', async (t) => {
  const { signIn, refresh } = await startProvider(t);
  const noScope = await signIn('alice', { scopes: ['openid', 'offline_access'] });
  await assert.rejects(
    refresh(noScope.refresh_token, { organization_id: acme }),
    /insufficient_scope/,
  );
  const noResource = await signIn('alice', { resources: [api] });
  await assert.rejects(
    refresh(noResource.refresh_token, { organization_id: acme }),
    /invalid_target: request the resource urn:logto:resource:organizations at sign-in/,
  );
});

test('a resource that was not asked for at sign-in is refused', async (t) => {
  const { signIn, refresh } = await startProvider(t);
  const { refresh_token } = await signIn('alice', { resources: [] });
  await assert.rejects(refresh(refresh_token, { resource: api }), /invalid_target/);
});

test('a revoked refresh token is refused', async (t) => {
  const { issuer, signIn, refresh } = await startProvider(t);
  const { refresh_token } = await signIn('alice');
  const response = await fetch(`${issuer}/token/revocation`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'spa1localencore2logto', token: refresh_token }),
  });
  assert.equal(response.status, 200);
  await assert.rejects(refresh(refresh_token), /invalid_grant/);
});

test('a code gives no token of an organization, whatever it asks', async (t) => {
  const { issuer } = await startProvider(t);
  const page = await openPage(issuer, {
    resource: api,
    scope: 'openid read:reports urn:logto:scope:organizations',
  });
  const { url } = await page.submit({ identifier: 'bob', password });
  const { access_token } = await exchangeCode(issuer, url, {
    resource: api,
    organization_id: acme,
  });
  const claims = decodeJwt(access_token);
  assert.equal(claims.sub, 'bob000000001');
  assert.equal('organization_id' in claims, false);
});

/**
 * @param {string} issuer
 * @param {URL} callback
 * @param {Record<string, string>} [parameters]
 */
function exchangeCode(issuer, callback, parameters) {
  return requestToken(issuer, {
    grant_type: 'authorization_code',
    client_id: 'spa1localencore2logto',
    redirect_uri: 'http://localhost:5173/callback',
    code: callback.searchParams.get('code') ?? '',
    code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    ...parameters,
  });
}
