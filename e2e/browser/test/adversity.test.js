import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPerson } from '../src/administration.js';
import { api, app, launchBlocked, provider } from '../src/launch.js';
import { identify, signIn } from '../src/person.js';
import { factsOf } from '../src/profile.js';
import { refuse } from '../src/refuse.js';
import { openTodos, todo } from '../src/todos.js';
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
  for (const path of ['/', '/todos', '/callback?code=c&state=s']) {
    await page.goto(app + path);
    await page
      .getByRole('alert')
      .getByText(/Allow cookies and site data/)
      .waitFor();
    assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1);
  }
  assert.deepEqual(complaints, []);
});

test('a sign-in that finds the storage full says so, and works once there is room', async (t) => {
  const { page } = await visit(t, { complaints: [/^QuotaExceededError: /] });
  await page.goto(app);
  await page.evaluate(() => {
    for (const storage of [localStorage, sessionStorage]) {
      for (let size = 2 ** 22; size >= 1; size /= 2) {
        try {
          for (;;) storage.setItem(`${storage.length}`, 'x'.repeat(size));
        } catch {
          // There is room for less, or none.
        }
      }
    }
  });
  const button = page.getByRole('main').getByRole('button', { name: 'Sign in' });
  await button.click();
  await page
    .getByRole('alert')
    .getByText(/no room/)
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

test('an answer of another shape is told in a sentence, and asked for again by the person alone', async (t) => {
  const { page, requestsTo } = await visit(t, {
    complaints: [/Unexpected answer: GET \/api\/hello/],
  });
  await page.clock.install();
  await signIn(page, 'alice');
  await page.route(hello, (route) =>
    route.fulfill({ headers: { 'Access-Control-Allow-Origin': app }, json: { message: 5 } }),
  );
  const reported = page.waitForEvent('console', (message) => message.type() === 'error');
  await page.getByRole('link', { name: 'Protected' }).click();
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

test('a browser that lacks something is no outage', async (t) => {
  const { page, requestsTo } = await visit(t, { complaints: [/^TypeError: /] });
  await page.clock.install();
  await signIn(page, 'alice');
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });
    for (const key of Object.keys(localStorage)) {
      if (key.endsWith(':accessToken')) localStorage.removeItem(key);
    }
  });
  const before = requestsTo(tokens).length;
  await page.goto(`${app}/protected`);
  const alert = page.getByRole('main').getByRole('alert');
  await alert.getByRole('button').waitFor();
  assert.match(await alert.innerText(), /unexpected/);
  await page.clock.runFor(60_000);
  await alert.getByRole('button').waitFor();
  assert.equal(requestsTo(tokens).length, before);
});

test('while the code of a page is on its way the person sees that it is', async (t) => {
  const { context, page } = await visit(t);
  const held = await hold(context, peopleCode);
  const { username } = await addPerson({ roles: ['user-admin'] });
  await signIn(page, username);
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await page.getByRole('main').getByRole('status').getByText(/\S/).waitFor();
  assert.equal(await page.getByRole('heading', { level: 1 }).count(), 0);

  held.release();
  await page.getByRole('heading', { name: 'People', level: 1 }).waitFor();
});

test('the code of a page that a new deployment took away comes by one reload, and by one only', async (t) => {
  const { context, page, requestsTo } = await visit(t, {
    complaints: [/people-page|Failed to load resource.*404/],
  });
  const { username } = await addPerson({ roles: ['user-admin'] });
  const heading = page.getByRole('heading', { name: 'People', level: 1 });
  const gone = (/** @type {Route} */ route) => route.fulfill({ status: 404, body: '' });
  // A machine without a network counts as offline, though all that the page needs is on it.
  await context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'onLine', { value: true });
  });
  await context.route(peopleCode, gone, { times: 1 });
  await signIn(page, username);
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await heading.waitFor();
  assert.equal(requestsTo(`${app}/people`).length, 1);

  await context.route(peopleCode, gone);
  await page.goto(app);
  await page.getByRole('link', { name: 'People', exact: true }).click();
  const alert = page.getByRole('alert');
  await alert.getByRole('button').waitFor();
  assert.equal(requestsTo(`${app}/people`).length, 2);

  await context.unroute(peopleCode);
  await alert.getByRole('button').click();
  await heading.waitFor();
  assert.equal(requestsTo(`${app}/people`).length, 3);
});

test('a button that is at work looks like it, and ignores presses', async (t) => {
  const { context, page, requestsTo } = await visit(t);
  const held = await hold(context, discovery);
  await page.goto(app);
  const button = page.getByRole('main').getByRole('button', { name: 'Sign in' });
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

test('a todo that is being saved says so until it is', async (t) => {
  const { context, page } = await visit(t);
  const { username } = await addPerson({ roles: ['todo-editor'] });
  await signIn(page, username);
  await openTodos(page);
  const held = await hold(context, `${api}/todos`);
  await page.getByLabel('New todo').fill('Buy milk');
  await page.getByLabel('New todo').press('Enter');
  const row = todo(page, 'Buy milk');
  await row.and(page.locator('[aria-busy="true"]')).waitFor();
  const saving = await row.innerText();

  held.release();
  await row.and(page.locator('[aria-busy="false"]')).waitFor();
  assert.notEqual(await row.innerText(), saving);
});

test('a clock that is two hours ahead is named when a sign-in fails by it', async (t) => {
  const { page } = await visit(t, { complaints: [/claim timestamp check failed/] });
  await page.clock.install({ time: Date.now() + twoHours });
  await page.goto(app);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await identify(page, 'alice');
  await page.getByRole('alert').getByText(/clock/).waitFor();
  await page.clock.setSystemTime(Date.now());
  await page.getByRole('alert').getByRole('button').click();
  await page.getByRole('heading', { name: 'Welcome, Alice Example' }).waitFor();
});

test('a clock that goes wrong later ends nothing, and no token is asked for again and again', async (t) => {
  const { page, requestsTo } = await visit(t);
  await page.clock.install();
  await signIn(page, 'alice');
  await page.clock.setSystemTime(Date.now() + twoHours);
  await page.goto(`${app}/protected`);
  await page.getByText('Hello, alice0000001!').waitFor();
  await page.goto(`${app}/profile`);
  await page.getByRole('timer').getByText(/clock/).waitFor();
  await factsOf(page, 'Userinfo');
  const before = requestsTo(tokens).length;
  await page.clock.runFor(60_000);
  await page.getByRole('timer').getByText(/clock/).waitFor();
  assert.equal(requestsTo(tokens).length, before);
});

/** @type {[string, string, (route: Route) => Promise<void>][]} */
const busy = [
  [
    'the token endpoint',
    tokens,
    (route) =>
      route.fulfill({
        status: 429,
        headers: {
          'Access-Control-Allow-Origin': app,
          'Access-Control-Expose-Headers': 'Retry-After',
          'Retry-After': '30',
        },
        json: {},
      }),
  ],
  [
    'the API',
    hello,
    (route) => refuse(route, 429, 'resource_exhausted', 'too many', { retry_after: 30 }),
  ],
];

for (const [name, url, refuseIt] of busy) {
  test(`who is refused by ${name} for a while asks again when that is over, and not before`, async (t) => {
    const { page, requestsTo } = await visit(t, { complaints: [answered(429, url), /^Logto/] });
    await page.clock.install();
    await signIn(page, 'alice');
    const before = requestsTo(url).length;
    await page.route(url, refuseIt);
    await Promise.all([
      page.waitForResponse(url),
      page.getByRole('link', { name: 'Protected' }).click(),
    ]);
    await page.getByRole('main').getByRole('heading', { level: 2 }).first().waitFor();
    await page.clock.runFor(25_000);
    assert.equal(requestsTo(url).length, before + 1);

    await page.unroute(url);
    await page.clock.runFor(15_000);
    await page.getByText('Hello, alice0000001!').waitFor();
  });
}

function deferred() {
  /** @type {() => void} */
  let resolve = () => {};
  const promise = new Promise((settle) => (resolve = () => settle(undefined)));
  return { promise, resolve };
}

/**
 * Holds back what the browser asks for.
 *
 * @param {import('playwright-core').BrowserContext} context
 * @param {string | RegExp} url
 */
async function hold(context, url) {
  const { promise: released, resolve: release } = deferred();
  await context.route(url, async (route) => {
    await released;
    await route.continue();
  });
  return { release };
}

/**
 * How a control is drawn, the pointer over it aside. Runs in the page.
 *
 * @param {Element} element
 */
async function look(element) {
  // The pointer and the focus have just come.
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
