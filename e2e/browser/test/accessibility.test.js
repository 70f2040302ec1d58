import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible } from '../src/accessible.js';
import { addPerson, setSuspended, untilAnswered } from '../src/administration.js';
import { appName } from '../src/app-name.js';
import { tabTo } from '../src/keyboard.js';
import { api, app } from '../src/launch.js';
import { openPages, pages, person } from '../src/pages.js';
import { demoPassword, openMenu, signedIn, signIn, signOut } from '../src/person.js';
import { answered, visit } from '../src/visit.js';

test('every page of a person who is signed in is accessible', async (t) => {
  const { page } = await visit(t);
  const { username } = await addPerson({ ...person, name: 'Maximiliane Wolfeschlegelsteinhausen' });
  await signIn(page, username);
  await assertAccessible(page, 'home');
  for (const { path, heading, last } of [...openPages, ...pages]) {
    await page.goto(`${app}${path}`);
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    await page.getByText(last).first().waitFor();
    await assertAccessible(page, path);
  }
  await openMenu(page);
  await assertAccessible(page, 'the menu');
  await page.goto(`${app}/account`);
  await page.getByRole('button', { name: 'Delete my data…' }).click();
  await page.getByRole('dialog').waitFor();
  await assertAccessible(page, 'the question whether to delete');
});

test('what stands in the way of a page is accessible', async (t) => {
  const { page, authorization } = await visit(t, {
    complaints: [
      ...['/users', '/api/hello'].map((path) => answered(403, `${api}${path}`)),
      answered(503, `${api}/api/hello`),
    ],
  });
  await page.goto(app);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await assertAccessible(page, 'signed out');
  for (const { path, heading } of openPages) {
    await page.goto(`${app}${path}`);
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    await assertAccessible(page, `${path}, signed out`);
  }
  await page.goto(`${app}/no/such/page`);
  await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  await assertAccessible(page, 'not found');
  await page.goto(`${app}/callback`);
  await page.getByRole('heading', { name: 'There is no sign-in to finish' }).waitFor();
  await assertAccessible(page, 'a callback without a sign-in');

  const nobody = await addPerson();
  await signIn(page, nobody.username);
  await page.goto(`${app}/people`);
  await page.getByText('Your account needs the permission “read:users”.').waitFor();
  await assertAccessible(page, 'a missing permission');
  await page.goto(`${app}/organizations`);
  await page.getByRole('heading', { name: 'You are not in an organization yet' }).waitFor();
  await assertAccessible(page, 'no organization');

  await page.route(`${api}/api/hello`, (route) =>
    route.fulfill({
      status: 503,
      headers: { 'Access-Control-Allow-Origin': app },
      json: { code: 'unavailable', message: 'away', details: null },
    }),
  );
  await page.goto(`${app}/under-the-hood/call`);
  await page.getByRole('heading', { name: 'The service is unavailable' }).waitFor();
  await assertAccessible(page, 'an outage');
  await page.unroute(`${api}/api/hello`);

  await setSuspended(nobody, true);
  await untilAnswered(403, authorization());
  await page.goto(`${app}/under-the-hood/call`);
  await page.getByRole('heading', { name: 'Your account is suspended' }).waitFor();
  await assertAccessible(page, 'suspended');

  const other = await page.context().newPage();
  await other.goto(app);
  await signOut(other);
  await page.getByRole('heading', { name: 'You were signed out' }).waitFor();
  await assertAccessible(page, 'signed out in another tab');
});

test('the keyboard alone is enough, and the focus can always be seen', async (t) => {
  const { page } = await visit(t);
  const { username } = await addPerson(person);
  await page.goto(app);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await tabTo(page, 'Skip to the content');
  await page.keyboard.press('Enter');
  await tabTo(page, 'Sign in');
  await page.keyboard.press('Enter');
  await page.getByLabel('Username or email').focus();
  await page.keyboard.type(username);
  await page.keyboard.press('Tab');
  await page.keyboard.type(demoPassword);
  await page.keyboard.press('Enter');
  await signedIn(page);

  await tabTo(page, 'People');
  await page.keyboard.press('Enter');
  await page.getByText('Last seen').first().waitFor();
  await tabTo(page, 'Name or e-mail begins with');
  await page.keyboard.type(username);
  await page.getByText('1 person', { exact: true }).waitFor();

  await page.keyboard.press('Control+Home');
  await page.getByRole('link', { name: appName }).focus();
  await tabTo(page, /Menu, signed in as/);
  await page.keyboard.press('Enter');
  await tabTo(page, 'Account');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Account' }).waitFor();
  await tabTo(page, 'Delete my data…');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Delete my data…');
});
