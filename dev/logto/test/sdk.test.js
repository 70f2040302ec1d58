import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { decodeJwt } from 'jose';
import { chromium } from 'playwright-core';
import { acme, allScopes, api, password, seed, startProvider } from '../testing/provider.js';

const appId = 'spa1localencore2logto';

/** What Chromium itself says of a page with this status. @param {string} status */
const failed = (status) =>
  `Failed to load resource: the server responded with a status of ${status}`;

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let script;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../testing/browser-app.js', import.meta.url))],
    bundle: true,
    write: false,
  });
  script = outputFiles[0]?.text ?? '';
});

after(() => browser.close());

/**
 * An application of Logto's browser SDK, the provider, and a fresh browser profile between them.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('playwright-core').BrowserContextOptions} [contextOptions]
 */
async function startApplication(t, contextOptions) {
  const server = createServer((request, response) => {
    const isScript = request.url === '/app.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    response.end(
      isScript
        ? script
        : '<!doctype html><link rel="icon" href="data:,"><script src="/app.js"></script>',
    );
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const origin = `http://localhost:${port}`;

  const { endpoint, issuer } = await startProvider(t, {
    seed: {
      ...seed,
      clients: seed.clients.map((client) =>
        client.client_id === appId
          ? {
              ...client,
              redirect_uris: [`${origin}/callback`],
              post_logout_redirect_uris: [`${origin}/`],
            }
          : client,
      ),
    },
  });

  const context = await browser.newContext(contextOptions);
  t.after(() => context.close());
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));

  /**
   * Calls a method of the SDK's client on the application's page.
   *
   * @param {string} method
   * @param {...unknown} args
   * @returns {Promise<any>}
   */
  const call = (method, ...args) =>
    page.evaluate(
      ({ config, method, args }) => /** @type {any} */ (window).callClient(config, method, args),
      { config: { endpoint, appId, scopes: allScopes, resources: [api] }, method, args },
    );

  return {
    page,
    origin,
    issuer,
    complaints,
    call,

    /** @param {object} [options] */
    async startSignIn(options) {
      await page.goto(origin);
      await call('signIn', { redirectUri: `${origin}/callback`, ...options });
      await page.waitForURL((url) => url.origin === endpoint || url.pathname === '/callback');
    },

    async finishSignIn() {
      await page.waitForURL(`${origin}/callback?**`);
      await call('handleSignInCallback', page.url());
    },
  };
}

test("Logto's SDK signs in, gets every kind of token, and signs out", async (t) => {
  const app = await startApplication(t);
  const { page, call } = app;

  await app.startSignIn();
  await page.getByLabel('Username or email').fill('alice');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await app.finishSignIn();

  assert.equal(await call('isAuthenticated'), true);
  assert.equal((await call('getIdTokenClaims')).username, 'alice');
  const forApi = decodeJwt(await call('getAccessToken', api));
  assert.deepEqual([forApi.aud, forApi.scope], [api, 'read:todos write:todos']);
  const forAcme = decodeJwt(await call('getAccessToken', api, acme));
  assert.deepEqual([forAcme.aud, forAcme.organization_id], [api, acme]);
  const ofAcme = decodeJwt(await call('getOrganizationToken', acme));
  assert.deepEqual(
    [ofAcme.aud, ofAcme.scope],
    [`urn:logto:organization:${acme}`, 'view:todos manage:todos'],
  );
  assert.equal((await call('fetchUserInfo')).organization_data[0].name, 'acme');

  // The session lasts, so the second sign-in asks nothing.
  await app.startSignIn();
  await app.finishSignIn();
  assert.equal(await call('isAuthenticated'), true);

  await call('signOut', `${app.origin}/`);
  await page.waitForURL(`${app.origin}/`);
  assert.equal(await call('isAuthenticated'), false);
  await app.startSignIn();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.deepEqual(app.complaints, []);
});

test('a sign-in as another person replaces the session', async (t) => {
  const app = await startApplication(t);
  const { page, call } = app;
  for (const person of ['alice', 'bob']) {
    await app.startSignIn({ prompt: ['login', 'consent'] });
    await page.getByLabel('Username or email').fill(person);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await app.finishSignIn();
    assert.equal((await call('getIdTokenClaims')).username, person);
    assert.match(decodeJwt(await call('getAccessToken', api)).sub ?? '', new RegExp(`^${person}`));
  }
  assert.deepEqual(app.complaints, []);
});

test('a person registers in the browser after a slip', async (t) => {
  const app = await startApplication(t);
  const { page, call } = app;
  await app.startSignIn({ firstScreen: 'register' });
  const username = page.getByLabel('Username');
  await page.getByRole('heading', { name: 'Create an account' }).waitFor();
  assert.equal(await username.evaluate((input) => input === document.activeElement), true);

  await username.fill('hana');
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('alert').getByText('at least 8 characters').waitFor();
  assert.equal(await username.inputValue(), 'hana');
  const retried = page.getByLabel('Password');
  assert.equal(await retried.inputValue(), '');
  assert.equal(await retried.evaluate((input) => input === document.activeElement), true);

  await retried.fill('long-enough');
  await page.getByRole('button', { name: 'Create account' }).click();
  await app.finishSignIn();
  assert.equal((await call('getIdTokenClaims')).username, 'hana');
  assert.equal(decodeJwt(await call('getAccessToken', api)).scope, 'read:todos write:todos');
  assert.deepEqual(app.complaints, [failed('422 (Unprocessable Entity)')]);
});

test('after a wrong password the focus is on the password, and the rest is kept', async (t) => {
  const app = await startApplication(t);
  const { page } = app;
  await app.startSignIn();
  await page.getByLabel('Username or email').fill('alice');
  await page.getByLabel('Password').fill('wrong-password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('Incorrect account or password').waitFor();
  assert.equal(await page.getByLabel('Username or email').inputValue(), 'alice');
  const again = page.getByLabel('Password');
  assert.equal(await again.evaluate((input) => input === document.activeElement), true);
  assert.deepEqual(app.complaints, [failed('422 (Unprocessable Entity)')]);
});

test('going back to a used page and sending it again gives help', async (t) => {
  const app = await startApplication(t);
  const { page } = app;
  await app.startSignIn();
  await page.getByLabel('Username or email').fill('alice');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await app.finishSignIn();
  await page.goBack();
  await page.getByRole('heading', { name: 'This sign-in has ended' }).waitFor();
  await page.getByRole('link', { name: 'Go to the demo application' }).click();
  await page.waitForURL(`${app.origin}/`);
  assert.deepEqual(app.complaints, [failed('400 (Bad Request)')]);
});

for (const firstScreen of ['signIn', 'register']) {
  test(`the ${firstScreen} page fits a screen 320 pixels wide`, async (t) => {
    const app = await startApplication(t, { viewport: { width: 320, height: 640 } });
    await app.startSignIn({ firstScreen });
    const width = await app.page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 320);
  });
}
