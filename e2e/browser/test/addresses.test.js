import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPerson } from '../src/administration.js';
import { app, provider } from '../src/launch.js';
import { openPages, pages, person } from '../src/pages.js';
import { identify, signIn } from '../src/person.js';
import { visit } from '../src/visit.js';

test('a deep link leads through sign-in and back to it, query and fragment included', async (t) => {
  const { page } = await visit(t);
  await page.goto(`${app}/under-the-hood/call?x=1#y`);
  await identify(page, 'alice');
  await page.getByText('Hello, alice0000001!').waitFor();
  assert.equal(page.url(), `${app}/under-the-hood/call?x=1#y`);
});

test('a deep link to any page leads there, and a refresh stays there', async (t) => {
  const { page, requestsTo } = await visit(t);
  const { username } = await addPerson(person);
  await signIn(page, username);
  for (const { path, heading, last } of pages) {
    // The provider still knows them, so nobody is asked for a password.
    await page.evaluate(() => localStorage.clear());
    await page.goto(`${app}${path}`);
    await page.getByRole('heading', { name: heading, level: 1, exact: true }).waitFor();
    assert.equal(page.url(), `${app}${path}`);

    const callbacks = requestsTo(`${app}/callback`).length;
    await page.reload();
    await page.getByRole('heading', { name: heading, level: 1, exact: true }).waitFor();
    assert.equal(page.url(), `${app}${path}`);
    assert.equal(requestsTo(`${app}/callback`).length, callbacks);
    await page.getByText(last).first().waitFor();
    assert.match(await page.title(), new RegExp(`^${heading} · `));
  }
  assert.equal(requestsTo(`${provider}/oidc/auth`).length, 1 + pages.length);
});

test('a new page has the focus and the view at its start, and back restores the view', async (t) => {
  const { page } = await visit(t, { viewport: { width: 800, height: 300 } });
  await signIn(page, 'alice');
  await page.goto(`${app}/under-the-hood/tokens`);
  await page.getByRole('heading', { name: 'Access token' }).scrollIntoViewIfNeeded();
  await page.getByRole('heading', { name: 'Access token' }).hover();
  await page.mouse.wheel(0, 400);
  await page.waitForFunction(() => window.scrollY > 300);

  await page.getByRole('link', { name: 'Call the API', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Call the API' }).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'main' && window.scrollY === 0);
});

const home = { path: '/', heading: /^Welcome/, last: 'Everyone who uses this app.' };

test('nothing on a page jumps while it loads', async (t) => {
  const { context, page } = await visit(t);
  await context.addInitScript(() => {
    /** @type {string[]} */
    const shifts = [];
    Reflect.set(window, 'shifts', shifts);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, sources } = /** @type {any} */ (entry);
        shifts.push(
          `${value.toFixed(4)} ${sources.map((/** @type {any} */ s) => s.node?.outerHTML?.slice(0, 60)).join(' ')}`,
        );
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  const { username } = await addPerson(person);
  await signIn(page, username);
  for (const { path, heading, last } of [home, ...openPages, ...pages]) {
    await page.goto(`${app}${path}`);
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    await page.getByText(last).first().waitFor();
    assert.deepEqual(await page.evaluate(() => Reflect.get(window, 'shifts')), [], path);
  }
});

test('an unknown address is a page that leads home', async (t) => {
  const { page } = await visit(t);
  await page.goto(`${app}/no/such/page`);
  await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  assert.match(await page.title(), /^Page not found/);
  await page.getByRole('link', { name: 'Go to the home page' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  assert.equal(page.url(), `${app}/`);
});
