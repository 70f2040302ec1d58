import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPerson } from '../src/administration.js';
import { appName } from '../src/app-name.js';
import { app } from '../src/launch.js';
import { identify, openMenu, signedIn, signedOut, signIn } from '../src/person.js';
import { visit } from '../src/visit.js';

test('the header has a way to sign in for a stranger, who comes back to the same page', async (t) => {
  const { page } = await visit(t);
  await page.goto(`${app}/under-the-hood`);
  const header = page.getByRole('banner');
  await header.getByRole('button', { name: 'Create account' }).waitFor();
  assert.deepEqual(await header.getByRole('link').allTextContents(), [appName]);

  await header.getByRole('button', { name: 'Sign in' }).click();
  await identify(page, 'alice');
  await signedIn(page);
  assert.equal(page.url(), `${app}/under-the-hood`);
  assert.equal(await header.getByRole('button', { name: 'Sign in' }).count(), 0);
});

test('on a phone the menu has all pages, and closes when one is chosen', async (t) => {
  const { page } = await visit(t, { viewport: { width: 320, height: 640 } });
  await signIn(page, 'alice');
  const header = page.getByRole('banner');
  assert.deepEqual(await header.getByRole('link').allTextContents(), [appName]);

  await openMenu(page);
  await header.getByRole('link', { name: 'Organizations' }).click();
  await page.getByRole('heading', { name: 'Organizations', level: 1 }).waitFor();
  await header.getByRole('button', { name: 'Sign out' }).waitFor({ state: 'hidden' });
});

test('a name of any length leaves the header as it is', async (t) => {
  const { page } = await visit(t);
  const { username } = await addPerson({ name: 'Maximiliane'.repeat(11) });
  await page.goto(app);
  await signedOut(page);
  const before = await page.getByRole('banner').boundingBox();
  await signIn(page, username);
  for (const width of [320, 768, 1280]) {
    await page.setViewportSize({ width, height: 700 });
    const after = await page.getByRole('banner').boundingBox();
    assert.equal(after?.height, before?.height);
    const { scrollWidth, clientWidth } = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return { scrollWidth, clientWidth };
    });
    assert.ok(scrollWidth <= clientWidth, `${scrollWidth} at ${width}`);
  }
});

test('a theme is kept, holds in every tab, and is there at the first paint', async (t) => {
  const { context, page } = await visit(t, { colorScheme: 'light' });
  const other = await context.newPage();
  for (const tab of [page, other]) await tab.goto(app);
  assert.equal(await isDark(page), false);

  await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
  assert.equal(await isDark(page), true);
  await other.waitForFunction(() => document.documentElement.dataset.theme === 'dark');

  // Without the application's script only the page itself is painted.
  await page.route(/\/assets\/.*\.js$/, () => undefined);
  await page.reload({ waitUntil: 'commit' });
  await page.getByText(appName).waitFor();
  assert.equal(await isDark(page), true);
  await page.unrouteAll();

  await other.getByRole('radio', { name: 'System' }).check({ force: true });
  assert.equal(await isDark(other), false);
  assert.deepEqual(await other.evaluate(() => Object.keys(localStorage)), []);
});

test('a theme can be chosen in a browser that blocks storage or has no room', async (t) => {
  const { page } = await visit(t, { colorScheme: 'light' });
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('no room', 'QuotaExceededError');
    };
  });
  await page.goto(app);
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
  assert.equal(await isDark(page), true);
});

test('what is there before the script looks like what the script makes', async (t) => {
  const { page } = await visit(t);
  /** @type {(value?: unknown) => void} */
  let release = () => undefined;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(/\/assets\/.*\.js$/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(app, { waitUntil: 'commit' });
  const brand = page.getByRole('link', { name: appName });
  await brand.waitFor();
  const before = await placeOf(brand);
  release();
  await signedOut(page);
  assert.deepEqual(await placeOf(brand), before);
});

/** @param {import('playwright-core').Page} page */
function isDark(page) {
  return page.evaluate(() => {
    const [red = 0] = getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? [];
    return Number(red) < 128;
  });
}

/** @param {import('playwright-core').Locator} element */
function placeOf(element) {
  return element.evaluate((node) => {
    const { x, y, width, height } = node.getBoundingClientRect();
    const { color, fontSize, fontWeight } = getComputedStyle(node);
    return { x, y, width, height, color, fontSize, fontWeight };
  });
}
