import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeadlessBrowser, requestToken } from '../src/headless-sign-in.js';
import { callback, clientId, password, startProvider, verifier } from '../testing/provider.js';

const day = 24 * 3600 * 1000;

test('a used refresh token is good for 3 seconds after its last use', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const { signIn, refresh } = await startProvider(t);
  const { refresh_token: used } = await signIn('alice');
  const answers = await Promise.all([refresh(used), refresh(used)]);
  assert.equal(new Set([used, ...answers.map((answer) => answer.refresh_token)]).size, 3);
  t.mock.timers.tick(3000);
  await refresh(used);
  t.mock.timers.tick(3000);
  const { refresh_token: newest } = await refresh(used);

  t.mock.timers.tick(3001);
  await assert.rejects(refresh(used), /^Error: invalid_grant/);
  // Somebody may have stolen it, so the newer ones are revoked too.
  await assert.rejects(refresh(newest), /^Error: invalid_grant/);
});

test('refresh tokens end 14 days after the sign-in, sessions after their last use', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const { signIn, refresh } = await startProvider(t);
  const browser = new HeadlessBrowser();
  const { refresh_token } = await signIn('alice', { browser });
  t.mock.timers.tick(13 * day);
  const newer = await refresh(refresh_token);
  await signIn('', { browser, password: '' });
  t.mock.timers.tick(2 * day);
  await assert.rejects(refresh(newer.refresh_token), /^Error: invalid_grant/);
  await signIn('', { browser, password: '' });
  t.mock.timers.tick(15 * day);
  await assert.rejects(signIn('', { browser, password: '' }), /Enter your username/);
});

test('a code is good for one use, and gives no organization token', async (t) => {
  const { issuer, openPage } = await startProvider(t);
  const page = await openPage({ scope: 'openid urn:logto:scope:organizations' });
  const { url } = await page.submit({ identifier: 'bob', password });
  const exchange = () =>
    requestToken(issuer, {
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: callback,
      code: url.searchParams.get('code') ?? '',
      code_verifier: verifier,
      organization_id: 'orgacme00001',
    });
  assert.match((await exchange()).access_token, /^[\w-]{43}$/);
  await assert.rejects(exchange(), /^Error: invalid_grant/);
});

test('suspensions, deletions and signing out everywhere end sessions and refresh tokens', async (t) => {
  const { call, endpoint, signIn, refresh } = await startProvider(t);
  const path = '/users/bob000000001';
  const other = await signIn('alice');
  const suspended = (/** @type {boolean} */ isSuspended) =>
    call('PATCH', `${path}/is-suspended`, { isSuspended });
  const signOut = () =>
    fetch(`${endpoint}/people/bob000000001/sign-out`, {
      method: 'POST',
      headers: { Origin: endpoint },
    });
  for (const { end, message } of [
    { end: signOut, message: /Enter your password/ },
    { end: () => suspended(true), message: /This account is suspended/ },
    { end: () => call('DELETE', path), message: /Incorrect account/ },
  ]) {
    await suspended(false);
    const browser = new HeadlessBrowser();
    const { refresh_token } = await signIn('bob', { browser });
    await end();
    await assert.rejects(refresh(refresh_token), /^Error: invalid_grant/);
    const withoutSession = message.test('Enter your password') ? { password: '' } : {};
    await assert.rejects(signIn('bob', { browser, ...withoutSession }), message);
  }
  await refresh(other.refresh_token);
});

test('a session that is deleted takes its refresh tokens along if it should', async (t) => {
  const { call, signIn, refresh } = await startProvider(t);
  const path = '/users/bob000000001/sessions';
  for (const [query, isRevoked] of /** @type {const} */ ([
    ['', false],
    ['?revokeGrantsTarget=all', true],
  ])) {
    const { refresh_token } = await signIn('bob');
    const { body } = await call('GET', path);
    assert.equal(body.sessions.length, 1);
    const { uid } = body.sessions[0].payload;
    assert.equal((await call('DELETE', `/users/alice0000001/sessions/${uid}`)).status, 404);
    assert.equal((await call('DELETE', `${path}/${uid}${query}`)).status, 204);
    assert.deepEqual((await call('GET', path)).body, { sessions: [] });
    if (isRevoked) await assert.rejects(refresh(refresh_token), /^Error: invalid_grant/);
    else await refresh(refresh_token);
  }
});

test('a sign-out works without a session, and without an address to return to', async (t) => {
  const { issuer, signIn } = await startProvider(t);
  const browser = new HeadlessBrowser();
  const signOut = async (/** @type {string} */ query) => {
    const { response } = await browser.navigate(`${issuer}/session/end?${query}`);
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(await response.text()) ?? [];
    return browser.navigate(`${issuer}/session/end/confirm`, {
      method: 'POST',
      body: new URLSearchParams({ xsrf, logout: 'yes' }),
    });
  };
  const address = `client_id=${clientId}&post_logout_redirect_uri=http://localhost:5173/`;
  assert.equal((await signOut(address)).url.href, 'http://localhost:5173/');
  await signIn('alice', { browser });
  assert.match(await (await signOut('')).response.text(), /You are signed out/);
  await assert.rejects(signIn('', { browser, password: '' }), /Enter your username/);
});

test('keys, people, sessions and refresh tokens survive a restart', async (t) => {
  const first = await startProvider(t);
  const { port, dataDirectory } = first;
  const browser = new HeadlessBrowser();
  const { refresh_token } = await first.signIn('alice', { browser });
  const keySet = await (await fetch(`${first.issuer}/jwks`)).text();
  await first.call('DELETE', '/users/bob000000001');
  await first.close();

  const second = await startProvider(t, { port, dataDirectory });
  assert.equal(await (await fetch(`${second.issuer}/jwks`)).text(), keySet);
  await second.refresh(refresh_token);
  await second.signIn('', { browser, password: '' });
  assert.equal((await second.call('GET', '/users/bob000000001')).status, 404);
});
