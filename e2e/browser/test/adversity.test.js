import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPerson } from '../src/administration.js';
import { api, app, launchBlocked, provider } from '../src/launch.js';
import { hold } from '../src/hold.js';
import { identify, signIn } from '../src/person.js';
import { forgetTokens } from '../src/tokens.js';
import { factsOf, openCall } from '../src/under-the-hood.js';
import { answered, visit } from '../src/visit.js';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Route} Route */

const hello = `${api}/api/hello`;
const tokens = `${provider}/oidc/token`;
const discovery = `${provider}/oidc/.well-known/openid-configuration`;
/** The code of the page of people. */
const peopleCode = /\/assets\/people-page-[^/]*\.js$/;
const twoHours = 2 * 3600 * 1000;

test('who blocks cookies and site data is told so on every page', async (t) => {
  const context = await launchBlocked();
  t.after(() => context.close());
  /** @type {string[]} */
  const complaints = [];
  context.on('console', (message) => complaints.push(message.text()));
  context.on('weberror', (error) => complaints.push(String(error.error())));
  const page = await context.newPage();
  for (const path of ['/', '/people', '/callback?code=c&state=s']) {
    await page.goto(app + path);
    await page
      .getByRole('alert')
      .filter({ hasText: /Allow cookies and site data/ })
      .waitFor();
    assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1);
  }
  assert.deepEqual(complaints, []);
});

test('before the sign-in', async (t) => {
  const { context, page, requestsTo } = await visit(t, { complaints: [/^QuotaExceededError: /] });
  const button = page.getByRole('banner').getByRole('button', { name: 'Sign in' });

  await t.test('a button that is at work looks like it, and ignores presses', async () => {
    const held = await hold(context, discovery);
    await page.goto(app);
    await button.hover();
    await button.focus();
    const idle = await button.evaluate(look);
    await page.keyboard.press('Enter');
    await page.locator('button[aria-disabled="true"]').first().waitFor();
    assert.notEqual(await button.evaluate(look), idle);
    await page.keyboard.press('Enter');
    assert.equal(requestsTo(discovery).length, 1);

    held.release();
    await page.getByLabel('Username or email').waitFor();
  });

  await t.test('a storage that is full is named, and works once there is room', async () => {
    await page.goto(app);
    await page.evaluate(() => {
      for (const storage of [localStorage, sessionStorage]) {
        storage.clear();
        for (let size = 2 ** 22; size >= 1; size /= 2) {
          try {
            for (;;) storage.setItem(`${storage.length}`, 'x'.repeat(size));
          } catch {
            // There is room for less, or none.
          }
        }
      }
    });
    await button.click();
    await page
      .getByRole('alert')
      .filter({ hasText: /no room/ })
      .waitFor();
    assert.equal(page.url(), `${app}/`);

    await page.evaluate(() => {
      localStorage.clear();
      sessionStorage.clear();
    });
    await button.click();
    await identify(page, 'alice');
    await page.getByRole('heading', { name: 'Welcome, Alice Example' }).waitFor();
  });
});

test('calls', async (t) => {
  const { context, page, requestsTo } = await visit(t, {
    complaints: [
      /Unexpected answer: GET \/api\/hello/,
      /^TypeError: /,
      answered(429, hello),
      answered(429, tokens),
    ],
  });
  await page.clock.install();
  await signIn(page, 'alice');

  await t.test('an answer of another shape is told, and the person alone asks again', async () => {
    await page.route(hello, (route) =>
      route.fulfill({ headers: { 'Access-Control-Allow-Origin': app }, json: { message: 5 } }),
    );
    const reported = page.waitForEvent('console', (message) => message.type() === 'error');
    await openCall(page);
    const [error] = (await reported).args();
    const cause = await error?.evaluate(({ cause }) => String(cause));
    assert.match(cause ?? '', /"expected": "string".*"message"/s, 'for developers');
    const alert = page.getByRole('main').getByRole('alert');
    await alert.getByRole('button').waitFor();
    assert.match(await alert.innerText(), /unexpected/);
    await page.clock.runFor(60_000);
    assert.equal(requestsTo(hello).length, 1);

    await page.unroute(hello);
    await alert.getByRole('button').click();
    await page.getByText('Hello, alice0000001!').waitFor();
  });

  await t.test('a browser that lacks something is no outage', async () => {
    const tab = await context.newPage();
    await tab.addInitScript(() => {
      Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });
    });
    await forgetTokens(page);
    const before = requestsTo(tokens).length;
    await tab.goto(`${app}/under-the-hood/call`);
    const alert = tab.getByRole('main').getByRole('alert');
    await alert.getByRole('button').waitFor();
    assert.match(await alert.innerText(), /unexpected/);
    await tab.clock.runFor(60_000);
    await alert.getByRole('button').waitFor();
    assert.equal(requestsTo(tokens).length, before);
    await tab.close();
  });

  const origin = { 'Access-Control-Allow-Origin': app };
  const inHeader = { 'Access-Control-Expose-Headers': 'Retry-After', 'Retry-After': '30' };
  const inDetails = { code: 'resource_exhausted', message: '', details: { retry_after: 30 } };
  for (const { name, url, headers, json } of [
    { name: 'the API', url: hello, headers: origin, json: inDetails },
    { name: 'the token endpoint', url: tokens, headers: { ...origin, ...inHeader }, json: {} },
  ]) {
    await t.test(`who is refused by ${name} for a while asks when that is over`, async () => {
      await page.goto(app);
      await forgetTokens(page);
      await page.route(url, (route) => route.fulfill({ status: 429, headers, json }));
      const before = requestsTo(url).length;
      await Promise.all([page.waitForResponse(url), page.goto(`${app}/under-the-hood/call`)]);
      await page.getByRole('main').getByRole('heading', { level: 2 }).first().waitFor();
      await page.clock.runFor(25_000);
      assert.equal(requestsTo(url).length, before + 1);

      await page.unroute(url);
      await page.clock.runFor(15_000);
      await page.getByText('Hello, alice0000001!').waitFor();
    });
  }

  await t.test(
    'a clock that goes wrong ends nothing, and no token is asked for twice',
    async () => {
      await page.clock.setSystemTime(Date.now() + twoHours);
      await page.goto(`${app}/under-the-hood/call`);
      await page.getByText('Hello, alice0000001!').waitFor();
      await page.goto(`${app}/under-the-hood/tokens`);
      await page.getByRole('timer').getByText(/clock/).waitFor();
      await factsOf(page, 'Userinfo');
      const before = requestsTo(tokens).length;
      await page.clock.runFor(60_000);
      await page.getByRole('timer').getByText(/clock/).waitFor();
      assert.equal(requestsTo(tokens).length, before);
    },
  );
});

test('a clock that is two hours ahead is named when a sign-in fails by it', async (t) => {
  const { page } = await visit(t, { complaints: [/claim timestamp check failed/] });
  await page.clock.install({ time: Date.now() + twoHours });
  await page.goto(app);
  await page.getByRole('banner').getByRole('button', { name: 'Sign in' }).click();
  await identify(page, 'alice');
  await page.getByRole('alert').filter({ hasText: /clock/ }).waitFor();
  await page.clock.setSystemTime(Date.now());
  await page.getByRole('alert').getByRole('button').click();
  await page.getByRole('heading', { name: 'Welcome, Alice Example' }).waitFor();
});

test('pages', async (t) => {
  const { context, page, requestsTo } = await visit(t, {
    complaints: [/people-page|Failed to load resource.*404/],
  });
  const { username } = await addPerson({ roles: ['user-admin'] });
  const link = page.getByRole('link', { name: 'People', exact: true });
  const heading = page.getByRole('heading', { name: 'People', level: 1 });

  await t.test('while the code of a page is on its way the person sees that it is', async () => {
    const held = await hold(context, peopleCode);
    await signIn(page, username);
    await link.click();
    await page.getByRole('main').getByRole('status').getByText(/\S/).waitFor();
    assert.equal(await page.getByRole('heading', { level: 1 }).count(), 0);

    held.release();
    await heading.waitFor();
  });

  await t.test(
    'the code that a deployment took away comes by one reload, and only one',
    async () => {
      const gone = (/** @type {Route} */ route) => route.fulfill({ status: 404, body: '' });
      const reloads = () => requestsTo(`${app}/people`).length;
      // A machine without a network counts as offline, though all that the page needs is on it.
      await context.addInitScript(() => {
        Object.defineProperty(Navigator.prototype, 'onLine', { value: true });
      });
      await context.unrouteAll();
      await context.route(peopleCode, gone, { times: 1 });
      await page.goto(app);
      await link.click();
      await heading.waitFor();
      assert.equal(reloads(), 1);

      await context.route(peopleCode, gone);
      await page.goto(app);
      await link.click();
      const alert = page.getByRole('alert');
      await alert.getByRole('button').waitFor();
      assert.equal(reloads(), 2);

      await context.unroute(peopleCode);
      await alert.getByRole('button').click();
      await heading.waitFor();
      assert.equal(reloads(), 3);
    },
  );
});

/**
 * The computed style of a control, without the cursor. Runs in the page.
 *
 * @param {Element} element
 */
async function look(element) {
  await Promise.all(element.getAnimations().map(({ finished }) => finished));
  return ['', '::before', '::after']
    .map((part) => {
      const style = getComputedStyle(element, part || null);
      const names = [...style].filter((name) => name !== 'cursor');
      return names.map((name) => style.getPropertyValue(name)).join(';');
    })
    .concat(element.textContent ?? '')
    .join('\n');
}
