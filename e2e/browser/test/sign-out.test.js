import assert from 'node:assert/strict';
import { test } from 'node:test';
import { app, provider } from '../src/launch.js';
import { identify, signIn, signOut } from '../src/person.js';
import { factsOf, openCall, rowOf } from '../src/under-the-hood.js';
import { unanswered, visit } from '../src/visit.js';

test('after sign-out nothing is kept, and a protected page asks to sign in', async (t) => {
  const { page } = await visit(t);
  await signIn(page, 'alice');
  await openCall(page);
  await page.getByText('Hello, alice0000001!').waitFor();

  await signOut(page);
  assert.equal(page.url(), `${app}/`);
  assert.deepEqual(await storedValues(page), []);
  await openCall(page);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(await page.getByLabel('Username or email').inputValue(), '');
});

test('a revocation without an answer keeps nobody from signing out', async (t) => {
  const { page, requestsTo } = await visit(t);
  await signIn(page, 'alice');
  const revocation = `${provider}/oidc/token/revocation`;
  await page.route(revocation, () => undefined);
  await signOut(page);
  assert.equal(page.url(), `${app}/`);
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  assert.equal(requestsTo(revocation).length, 1);
});

test('who signs out while the provider is away is signed out of this browser', async (t) => {
  const discovery = `${provider}/oidc/.well-known/openid-configuration`;
  const { page } = await visit(t, {
    complaints: [unanswered('net::ERR_CONNECTION_REFUSED', discovery)],
  });
  await signIn(page, 'alice');
  await page.reload();
  await page.route(discovery, (route) => route.abort('connectionrefused'));
  await signOut(page);
  assert.equal(await page.evaluate(() => localStorage.length), 0);
});

test('signing out in one tab signs out the other', async (t) => {
  const { context, page } = await visit(t);
  await signIn(page, 'alice');
  const other = await context.newPage();
  await other.goto(`${app}/under-the-hood/tokens`);
  await factsOf(other, 'Row in the database');

  await signOut(page);
  await other.getByRole('heading', { name: 'You were signed out' }).waitFor();
  await assertShowsNothingOf(other, 'alice');

  // Nor does it let the tab in by itself: somebody has to sign in.
  await other.getByRole('button', { name: 'Sign in again' }).click();
  await identify(other, 'alice');
  await other
    .getByRole('region', { name: 'Row in the database' })
    .getByText('alice0000001')
    .waitFor();
  assert.equal(other.url(), `${app}/under-the-hood/tokens`);
});

test('a tab left open follows to the person who signs in after', async (t) => {
  const { context, page } = await visit(t);
  await signIn(page, 'alice');
  const left = await context.newPage();
  await left.goto(`${app}/under-the-hood/tokens`);
  await factsOf(left, 'Row in the database');

  await signOut(page);
  await signIn(page, 'bob');
  await left
    .getByRole('region', { name: 'Row in the database' })
    .getByText('bob000000001')
    .waitFor();
  await assertShowsNothingOf(left, 'alice');
});

test('two people one after the other never see each other’s data', async (t) => {
  const { page } = await visit(t);
  await signIn(page, 'alice');
  const aliceRow = await rowOf(page);
  await signOut(page);

  // The back button brings nothing of hers back. What it finds in the cache isn't loaded again.
  await page.goBack({ waitUntil: 'commit' });
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();

  await signIn(page, 'bob');
  await assertShowsNothingOf(page, 'alice');
  const bobRow = await rowOf(page);
  assert.equal(bobRow.logto_id, 'bob000000001');
  assert.notEqual(bobRow.id, aliceRow.id);
  await assertShowsNothingOf(page, 'alice');
  await openCall(page);
  await page.getByText('Hello, bob000000001!').waitFor();
  await assertShowsNothingOf(page, 'alice');
});

/**
 * Neither on the page nor in what the browser keeps.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} username
 */
async function assertShowsNothingOf(page, username) {
  const html = await page.content();
  assert.ok(!html.toLowerCase().includes(username), `${username} is on the page of another`);
  const values = (await storedValues(page)).join(' ');
  assert.ok(!values.toLowerCase().includes(username), `${username} is in the storage of another`);
}

/**
 * What the application keeps in the browser. The provider's metadata, which is nobody's, is left out.
 *
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>}
 */
function storedValues(page) {
  return page.evaluate(() =>
    [localStorage, sessionStorage].flatMap((storage) => Object.values(storage)),
  );
}
