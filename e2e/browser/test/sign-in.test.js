import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { app, provider } from '../src/launch.js';
import { demoPassword, identify, register, signedIn, signIn } from '../src/person.js';
import { rowOf } from '../src/under-the-hood.js';
import { answered, visit } from '../src/visit.js';

test('alice signs in with the button and is greeted by her name', async (t) => {
  const { page } = await visit(t);
  await signIn(page, 'alice');
  await page.getByRole('heading', { name: 'Welcome, Alice Example' }).waitFor();
  assert.equal(page.url(), `${app}/`);
});

test('a wrong password gets a clear message, keeps the name, and can be put right', async (t) => {
  const { page } = await visit(t, { complaints: [answered(422, `${provider}/sign-in`)] });
  await page.goto(app);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await identify(page, 'alice', 'not-her-password');
  await page.getByRole('alert').getByText('Incorrect account or password').waitFor();
  assert.equal(await page.getByLabel('Username or email').inputValue(), 'alice');
  assert.equal(await page.getByLabel('Password').inputValue(), '');

  await page.getByLabel('Password').fill(demoPassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Welcome, Alice Example' }).waitFor();
});

test('a new person registers, and gets a row of their own', async (t) => {
  const username = `person_${randomBytes(6).toString('hex')}`;
  const { page, callApi } = await visit(t);
  await register(page, username);
  const row = await rowOf(page);
  const stored = await callApi('/users/me');
  assert.equal(row.id, String(stored.id));
  assert.equal(row.logto_id, stored.logto_id);

  const other = await visit(t);
  await signIn(other.page, 'alice');
  const aliceRow = await rowOf(other.page);
  assert.equal(aliceRow.logto_id, 'alice0000001');
  assert.notEqual(row.id, aliceRow.id);
  assert.notEqual(row.logto_id, aliceRow.logto_id);
});

test('a refused sign-in says so, and the next attempt leads to the page asked for', async (t) => {
  const { page, requestsTo } = await visit(t);
  await page.goto(`${app}/under-the-hood/call`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();

  // What the provider answers when consent is denied (RFC 6749, section 4.1.2.1).
  const [request] = requestsTo(`${provider}/oidc/auth`);
  const state = new URL(request?.url() ?? '').searchParams.get('state') ?? '';
  const description = 'Your account is locked, call 555-0100';
  const refusal = { error: 'access_denied', error_description: description, state };
  await page.goto(`${app}/callback?${new URLSearchParams(refusal)}`);
  await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
  await page.getByText('The sign-in was cancelled, or access was not allowed.').waitFor();
  assert.equal(await page.getByText('555-0100').count(), 0, 'a link can put words on the page');

  await page.getByRole('button', { name: 'Try again' }).click();
  await identify(page, 'alice');
  await page.getByText('Hello, alice0000001!').waitFor();
  assert.equal(page.url(), `${app}/under-the-hood/call`);
});

test('a callback that nobody started signs nobody in', async (t) => {
  const { page, requestsTo } = await visit(t);
  for (const query of ['error=access_denied', 'code=someone-elses-code&state=s', '']) {
    await page.goto(`${app}/callback?${query}`);
    await page.getByRole('heading', { name: 'There is no sign-in to finish' }).waitFor();
  }
  assert.equal(requestsTo(`${provider}/oidc/token`).length, 0);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await identify(page, 'alice');
  await signedIn(page);
});

test('a reload of the callback before the code was exchanged still signs in', async (t) => {
  const { page } = await visit(t);
  await page.goto(app);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();

  const held = holdNext(page, `${provider}/oidc/token`);
  await identify(page, 'alice');
  await held;
  await page.getByText('Signing you in…').waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Welcome, Alice Example' }).waitFor();
});

test('the back button and a second use of the callback end nothing', async (t) => {
  const { page, requestsTo } = await visit(t, {
    complaints: [answered(400, `${provider}/sign-in`)],
  });
  await signIn(page, 'alice');
  await page.goBack();
  await page.getByRole('heading', { name: 'This sign-in has ended' }).waitFor();
  await page.getByRole('link', { name: 'Go to the demo application' }).click();
  await page.getByRole('heading', { name: 'Welcome, Alice Example' }).waitFor();

  const [callback] = requestsTo(`${app}/callback`);
  await page.goto(callback?.url() ?? '');
  await page.getByRole('heading', { name: 'Welcome, Alice Example' }).waitFor();
  assert.equal(page.url(), `${app}/`);
});

/**
 * Lets the next request to a URL wait for ever.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} url
 */
function holdNext(page, url) {
  return new Promise((resolve) => page.route(url, resolve, { times: 1 }));
}
