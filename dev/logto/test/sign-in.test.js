import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { decodeJwt } from 'jose';
import { authorizationRequest, callback, password, startProvider } from '../testing/provider.js';

const { issuer, endpoint, openPage, signIn } = await startProvider({ after });

test('the right password leads back to the application with code, state and issuer', async () => {
  for (const identifier of ['alice', 'alice@example.com', ' Alice@Example.com ']) {
    const page = await openPage({ state: 'the-state' });
    const { url } = await page.submit({ identifier, password });
    assert.equal(url.origin + url.pathname, callback);
    assert.match(url.searchParams.get('code') ?? '', /^[\w-]{43}$/);
    assert.equal(url.searchParams.get('state'), 'the-state');
    assert.equal(url.searchParams.get('iss'), issuer);
  }
});

/** @type {[string, Record<string, string>, RegExp][]} */
const mistakes = [
  ['a wrong password', { identifier: 'alice', password: 'wrong-one' }, /Incorrect account or/],
  ['no name', { identifier: ' ', password }, /Enter your username or email\./],
  ['no password', { identifier: 'alice', password: '' }, /Enter your password\./],
  ['markup', { identifier: '"><script>alert(1)</script>', password }, /Incorrect account or/],
];
for (const [name, form, message] of mistakes) {
  test(`the sign-in page rejects ${name}`, async () => {
    const { response, html } = await (await openPage()).submit(form);
    assert.equal(response.status, 422);
    assert.match(html, message);
    assert.match(html, /<title>Error: /);
    if (form.identifier === 'alice') assert.match(html, /name="identifier"[^>]* value="alice"/);
    assert.doesNotMatch(html, /wrong-one|<script/);
  });
}

test('the pages are for development, and allow no script, frame or foreign address', async () => {
  const { html, response } = await openPage({ login_hint: 'carol' });
  assert.match(html, /Local identity provider for development/);
  assert.match(html, /name="identifier"[^>]* value="carol"/);
  assert.match(html, /org-admin in acme, org-viewer in globex/);
  assert.equal(
    response.headers.get('content-security-policy'),
    "default-src 'none'; style-src 'self'; img-src data:; script-src 'none'; " +
      "form-action 'self' http://localhost:5173; frame-ancestors 'none'; base-uri 'none'",
  );
});

test('a new person registers, and signs in with either name', async () => {
  const page = await openPage({ first_screen: 'register' });
  const form = { username: 'dora', email: 'Dora@example.com', password: 'long-enough' };
  const { url } = await page.submit(form);
  assert.equal(url.origin + url.pathname, callback);
  const claims = [];
  for (const name of ['dora', 'DORA@example.com']) {
    claims.push(decodeJwt((await signIn(name, { password: 'long-enough' })).id_token));
  }
  assert.match(claims[0]?.sub ?? '', /^[a-z0-9]{12}$/);
  assert.equal(claims[0]?.sub, claims[1]?.sub);
  assert.deepEqual([claims[0]?.roles, claims[0]?.organizations], [['report-editor'], []]);
});

/** @type {[string, Record<string, string>, RegExp][]} */
const registrationMistakes = [
  ['a taken username', { username: 'alice' }, /This username is already in use\./],
  ['a taken email', { email: 'ALICE@example.com' }, /associated with an existing account/],
  ['a short username', { username: 'ab' }, /at least 3 characters/],
  ['a bad email', { email: 'dave@nowhere' }, /This is not an email address/],
  ['a short password', { password: '1234567' }, /Choose a password of at least 8 characters/],
  ['no name at all', { username: '', email: '' }, /Choose a username, or enter an email/],
];
for (const [name, change, message] of registrationMistakes) {
  test(`the register page rejects ${name}, and nothing typed is lost`, async () => {
    const page = await openPage({ first_screen: 'register' });
    const form = { username: 'dave', email: 'dave@example.com', password: '12345678', ...change };
    const { response, html } = await page.submit(form);
    assert.equal(response.status, 422);
    assert.match(html, message);
    for (const value of [form.username, form.email]) assert.ok(html.includes(`value="${value}"`));
    assert.ok(!html.includes(form.password));
    await assert.rejects(signIn('dave', { password: form.password }), /Incorrect account/);
  });
}

test('two registrations at once do not share a username', async () => {
  const pages = await Promise.all([1, 2].map(() => openPage({ first_screen: 'register' })));
  const results = await Promise.all(
    pages.map((page) => page.submit({ username: 'erin', email: '', password: '12345678' })),
  );
  assert.deepEqual(results.map(({ response }) => response.status).sort(), [303, 422]);
});

test('a form works once, in its own browser, and for the request that opened it', async () => {
  const form = { identifier: 'alice', password };
  const used = await openPage();
  await used.submit(form);
  const again = await used.submit(form);
  assert.match(again.html, /href="http:\/\/localhost:5173">Go to the demo application/);

  const older = await openPage();
  await older.browser.navigate(authorizationRequest(issuer, { state: 'later' }));
  const other = await openPage();
  const foreign = { ...form, interaction: used.interaction };
  for (const { response, html } of [again, await older.submit(form), await other.submit(foreign)]) {
    assert.equal(response.status, 400);
    assert.match(html, /This sign-in has ended/);
  }
  for (const url of [`${endpoint}/sign-in`, `${endpoint}/register`, `${issuer}/auth/unknown`]) {
    const response = await fetch(url, { headers: { Accept: 'text/html' } });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /This sign-in has ended/);
  }
});
