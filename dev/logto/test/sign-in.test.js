import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import {
  api,
  authorizationRequest,
  openPage,
  password,
  startProvider,
} from '../testing/provider.js';

const callback = 'http://localhost:5173/callback';

test('the right password leads back to the application with code, state and issuer', async (t) => {
  const { issuer } = await startProvider(t);
  for (const identifier of ['alice', 'alice@example.com', ' Alice@Example.com ']) {
    const page = await openPage(issuer, { state: 'the-state' });
    const { url } = await page.submit({ identifier, password });
    assert.equal(url.origin + url.pathname, callback);
    assert.match(url.searchParams.get('code') ?? '', /^[\w-]{43}$/);
    assert.equal(url.searchParams.get('state'), 'the-state');
    assert.equal(url.searchParams.get('iss'), issuer);
  }
});

test('a wrong password and an unknown person get the same words, and keep what was typed', async (t) => {
  const { issuer } = await startProvider(t);
  for (const identifier of ['alice', 'nobody']) {
    const page = await openPage(issuer);
    const { response, html } = await page.submit({ identifier, password: 'wrong-password' });
    assert.equal(response.status, 422);
    assert.match(html, /Incorrect account or password\. Please check your input\./);
    assert.match(html, new RegExp(`name="identifier"[^>]*value="${identifier}"`));
    assert.doesNotMatch(html, /wrong-password/);
  }
});

test('missing input is named', async (t) => {
  const { issuer } = await startProvider(t);
  const { html } = await (await openPage(issuer)).submit({ identifier: ' ', password: '' });
  assert.match(html, /Enter your username or email\./);
  assert.match(html, /Enter your password\./);
});

test('what was typed is shown as text, never as markup', async (t) => {
  const { issuer } = await startProvider(t);
  const page = await openPage(issuer);
  const { html } = await page.submit({ identifier: '"><script>alert(1)</script>', password });
  assert.doesNotMatch(html, /<script/);
});

test('the page is for development, and says so', async (t) => {
  const { issuer } = await startProvider(t);
  const page = await openPage(issuer);
  assert.match(page.html, /Local identity provider for development/);
  for (const person of ['alice', 'bob', 'carol']) assert.match(page.html, new RegExp(person));
  assert.match(page.html, /org-admin in acme, org-viewer in globex/);
});

test('the page allows no script, no frame and no foreign address but the application', async (t) => {
  const { issuer } = await startProvider(t);
  const { headers } = await openPage(issuer);
  assert.equal(
    headers.get('content-security-policy'),
    "default-src 'none'; style-src 'self'; img-src data:; script-src 'none'; " +
      "form-action 'self' http://localhost:5173; frame-ancestors 'none'; base-uri 'none'",
  );
  assert.equal(headers.get('cache-control'), 'no-store');
});

for (const hint of /** @type {Record<string, string>[]} */ ([
  { first_screen: 'register' },
  { interaction_mode: 'signUp' },
])) {
  test(`${Object.keys(hint)[0]} opens the register page`, async (t) => {
    const { issuer } = await startProvider(t);
    const page = await openPage(issuer, hint);
    assert.equal(page.url.pathname, '/register');
  });
}

test('a login hint is filled in', async (t) => {
  const { issuer } = await startProvider(t);
  const page = await openPage(issuer, { login_hint: 'carol' });
  assert.match(page.html, /name="identifier"[^>]*value="carol"/);
});

test('a new person registers, and signs in again with either name', async (t) => {
  const { issuer, signIn } = await startProvider(t);
  const page = await openPage(issuer, { first_screen: 'register' });
  const { url } = await page.submit({
    username: 'dora',
    email: 'Dora@example.com',
    password: 'long-enough',
  });
  assert.match(url.searchParams.get('code') ?? '', /^[\w-]{43}$/);

  const byUsername = await signIn('dora', { password: 'long-enough' });
  const byEmail = await signIn('DORA@example.com', { password: 'long-enough' });
  assert.match(decodeJwt(byUsername.id_token).sub ?? '', /^[a-z0-9]{12}$/);
  assert.equal(decodeJwt(byUsername.id_token).sub, decodeJwt(byEmail.id_token).sub);
});

test('who registers has the default role with their first token, and no organization', async (t) => {
  const { issuer, signIn, refresh } = await startProvider(t);
  const page = await openPage(issuer, { first_screen: 'register' });
  await page.submit({ username: 'dora', email: '', password });
  const { id_token, refresh_token } = await signIn('dora');
  const { roles, organizations } = decodeJwt(id_token);
  assert.deepEqual([roles, organizations], [['report-editor'], []]);
  assert.equal(
    (await refresh(refresh_token, { resource: api })).scope,
    'read:reports write:reports',
  );
});

test('an email address alone is enough to register', async (t) => {
  const { issuer } = await startProvider(t);
  const page = await openPage(issuer, { first_screen: 'register' });
  const { url } = await page.submit({ username: '', email: 'e@example.com', password: '12345678' });
  assert.equal(url.origin + url.pathname, callback);
});

/** @type {[string, Record<string, string>, RegExp][]} */
const registrationErrors = [
  ['a taken username', { username: 'alice' }, /This username is already in use\./],
  [
    'a taken email',
    { email: 'ALICE@example.com' },
    /This email is associated with an existing account\./,
  ],
  ['a short username', { username: 'ab' }, /at least 3 characters/],
  ['a long username', { username: 'a'.repeat(129) }, /at most 128 characters/],
  ['a username with a space', { username: 'da ve' }, /letters, digits and underscores only/],
  ['a username with a digit first', { username: '1dave' }, /start with a letter/],
  ['a bad email', { email: 'dave@nowhere' }, /This is not an email address/],
  ['a short password', { password: '1234567' }, /at least 8 characters\.<\/p>\s*<\/div>/],
  ['a long password', { password: 'p'.repeat(257) }, /at most 256 characters/],
  ['no name at all', { username: '', email: '' }, /Choose a username, or give an email/],
];

for (const [name, change, message] of registrationErrors) {
  test(`${name} is refused on the register page, and nothing typed is lost`, async (t) => {
    const { issuer, signIn } = await startProvider(t);
    const page = await openPage(issuer, { first_screen: 'register' });
    const form = { username: 'dave', email: 'dave@example.com', password: '12345678', ...change };
    const { response, html } = await page.submit(form);
    assert.equal(response.status, 422);
    assert.match(html, message);
    for (const field of /** @type {const} */ (['username', 'email'])) {
      assert.match(html, new RegExp(`name="${field}"[^>]*value="${form[field]}"`, 's'));
    }
    assert.doesNotMatch(html, new RegExp(`value="${form.password}"`));
    await assert.rejects(signIn('dave', { password: form.password }), /Incorrect account/);
  });
}

test('two registrations at once do not share a username', async (t) => {
  const { issuer } = await startProvider(t);
  const pages = await Promise.all([1, 2].map(() => openPage(issuer, { first_screen: 'register' })));
  const results = await Promise.all(
    pages.map((page) => page.submit({ username: 'erin', email: '', password: '12345678' })),
  );
  assert.deepEqual(results.map(({ response }) => response.status).sort(), [303, 422]);
});

test('a page that was used already answers with help', async (t) => {
  const { issuer } = await startProvider(t);
  const page = await openPage(issuer);
  await page.submit({ identifier: 'alice', password });
  const { response, html } = await page.submit({ identifier: 'alice', password });
  assert.equal(response.status, 400);
  assert.match(html, /This sign-in has ended/);
  assert.match(html, /href="http:\/\/localhost:5173">Go to the demo application/);
});

test('a page from before a later sign-in started cannot finish that one', async (t) => {
  const { issuer } = await startProvider(t);
  const page = await openPage(issuer);
  await page.browser.navigate(authorizationRequest(issuer, { state: 'later' }));
  const { response, html } = await page.submit({ identifier: 'alice', password });
  assert.equal(response.status, 400);
  assert.match(html, /another one was started in this browser/);
});

test('a form without the interaction of the browser is refused', async (t) => {
  const { issuer } = await startProvider(t);
  const victim = await openPage(issuer);
  const attacker = await openPage(issuer);
  const { response } = await victim.submit({
    interaction: attacker.interaction,
    identifier: 'alice',
    password,
  });
  assert.equal(response.status, 400);
});

test('pages opened without an application answer with help', async (t) => {
  const { issuer, endpoint } = await startProvider(t);
  for (const url of [`${endpoint}/sign-in`, `${endpoint}/register`, `${issuer}/auth/unknown`]) {
    const response = await fetch(url, { headers: { Accept: 'text/html' } });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /This sign-in has ended/);
  }
});

test('a body larger than a form is refused', async (t) => {
  const { issuer } = await startProvider(t);
  const page = await openPage(issuer);
  const { response } = await page.submit({ identifier: 'a'.repeat(10_000), password });
  assert.equal(response.status, 413);
});
