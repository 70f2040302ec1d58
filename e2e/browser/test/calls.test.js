import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appName } from '../src/app-name.js';
import { api, app, provider } from '../src/launch.js';
import { signedIn, signIn } from '../src/person.js';
import { refuse } from '../src/refuse.js';
import { forgetTokens } from '../src/tokens.js';
import { openCall } from '../src/under-the-hood.js';
import { answered, unanswered, visit } from '../src/visit.js';

const hello = `${api}/api/hello`;

test('the page shows what the protected endpoint answers', async (t) => {
  const { page, callApi, requestsTo } = await visit(t);
  await signIn(page, 'alice');
  await openCall(page);
  await page.getByText('Hello, alice0000001!').waitFor();
  assert.deepEqual(await callApi('/api/hello'), { message: 'Hello, alice0000001!' });

  const before = requestsTo(hello).length;
  await Promise.all([
    page.waitForResponse(hello),
    page.getByRole('button', { name: 'Call again' }).click(),
  ]);
  assert.equal(requestsTo(hello).length, before + 1);
});

/** @type {[string, string, (route: import('playwright-core').Route) => Promise<void>, string[], string?][]} */
const outages = [
  [
    'the API answers 503',
    hello,
    (route) => refuse(route, 503, 'unavailable', 'the database is away'),
    [answered(503, hello)],
  ],
  [
    'the API has too many new tokens to verify',
    hello,
    (route) => refuse(route, 429, 'resource_exhausted', 'too many', { retry_after: 1 }),
    [answered(429, hello)],
    'The service is busy',
  ],
  [
    'the API cannot be reached',
    hello,
    (route) => route.abort('connectionrefused'),
    [unanswered('net::ERR_CONNECTION_REFUSED', hello)],
  ],
  [
    'the provider cannot be reached',
    `${provider}/oidc/token`,
    (route) => route.abort('connectionrefused'),
    [unanswered('net::ERR_CONNECTION_REFUSED', `${provider}/oidc/token`)],
  ],
];

for (const [name, url, fail, complaints, heading = 'The service is unavailable'] of outages) {
  test(`while ${name} the person stays signed in, is told, and gets the answer after`, async (t) => {
    const { page } = await visit(t, { complaints });
    await signIn(page, 'alice');
    await page.route(url, fail);
    await openCall(page);
    await page.getByRole('heading', { name: heading }).waitFor();
    await page.getByText('You stay signed in. Trying again…').waitFor();
    await signedIn(page);

    await page.unroute(url);
    await page.getByText('Hello, alice0000001!').waitFor();
    assert.equal(await page.getByText(heading).count(), 0);
  });
}

test('a 401 ends the session, and only the person starts a new one', async (t) => {
  const { page, requestsTo } = await visit(t, { complaints: [answered(401, hello)] });
  await signIn(page, 'alice');
  await page.route(hello, (route) => refuse(route, 401, 'unauthenticated', 'the token is expired'));
  await openCall(page);
  await page.getByRole('heading', { name: 'You were signed out' }).waitFor();

  await page.getByRole('link', { name: appName }).click();
  await page.getByText('You were signed out.').waitFor();
  await openCall(page);
  await page.getByRole('heading', { name: 'You were signed out' }).waitFor();
  assert.equal(requestsTo(hello).length, 1);
  assert.equal(requestsTo(`${provider}/oidc/auth`).length, 1);

  await page.unroute(hello);
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await page.getByText('Hello, alice0000001!').waitFor();
  assert.equal(page.url(), `${app}/under-the-hood/call`);
});

test('a token request without an answer holds up its own tab alone', async (t) => {
  const { context, page } = await visit(t);
  await signIn(page, 'alice');
  await openCall(page);
  await page.getByText('Hello, alice0000001!').waitFor();
  const hung = await context.newPage();
  await hung.route(`${provider}/oidc/token`, () => undefined);
  const tokens = await forgetTokens(page);
  await Promise.all([
    hung.waitForRequest(`${provider}/oidc/token`),
    hung.goto(`${app}/under-the-hood/call`),
  ]);
  await page.evaluate((entries) => {
    for (const [key, value] of entries) localStorage.setItem(key, value);
  }, tokens);

  await page.reload();
  await page.getByText('Hello, alice0000001!').waitFor();
  await hung.getByRole('heading', { name: 'The service is unavailable' }).waitFor();
});

test('a reload in the middle of a refresh costs nobody the session', async (t) => {
  const { page } = await visit(t);
  await signIn(page, 'alice');
  /** @type {Promise<void>} */
  const isRotated = new Promise((resolve) => {
    const useUpAndHold = async (/** @type {import('playwright-core').Route} */ route) => {
      assert.equal((await route.fetch()).status(), 200);
      resolve();
    };
    void page.route(`${provider}/oidc/token`, useUpAndHold, { times: 1 });
  });
  await openCall(page);
  await isRotated;
  await page.reload();
  await page.getByText('Hello, alice0000001!').waitFor();
});
