import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible } from '../src/accessible.js';
import { addPerson, setSuspended, untilAnswered } from '../src/administration.js';
import { api, app } from '../src/launch.js';
import { openPages, pages, person } from '../src/pages.js';
import { demoPassword, openMenu, signedIn, signIn, signOut } from '../src/person.js';
import { addTodo, openTodos, texts, todo } from '../src/todos.js';
import { refuse } from '../src/refuse.js';
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

test('every state of the todos is accessible', async (t) => {
  const { page } = await visit(t, {
    complaints: [answered(400, `${api}/todos`), answered(503, `${api}/todos`)],
  });
  const { username } = await addPerson(person);
  await signIn(page, username);
  await openTodos(page);
  for (const text of ['Buy milk', 'اشتر الحليب', 'w'.repeat(300)]) await addTodo(page, text);
  await page.getByRole('checkbox', { name: 'Buy milk' }).check();
  await page.getByRole('button', { name: 'Edit Buy milk' }).click();
  await page.route(`${api}/todos`, (route) => refuse(route, 400, 'invalid_argument', 'odd'), {
    times: 1,
  });
  await addTodo(page, 'x'.repeat(500));
  await page.getByRole('alert').filter({ hasText: 'This was not added' }).waitFor();
  await page.getByRole('button', { name: 'Delete اشتر الحليب' }).click();
  await page.getByLabel('New todo').fill('x'.repeat(501));
  await page.getByText('Too long by 1').waitFor();
  await assertAccessible(page, 'editing, a refusal, a deletion');

  await page.route(`${api}/todos`, (route) => refuse(route, 503, 'unavailable', 'away'));
  await page.getByLabel('New todo').fill('Buy salt');
  await page.keyboard.press('Enter');
  await page.getByText('Not saved yet.').waitFor();
  await assertAccessible(page, 'not saved yet');
});

test('what stands in the way of a page is accessible', async (t) => {
  const { page, authorization } = await visit(t, {
    complaints: [
      ...['/users', '/todos', '/api/hello'].map((path) => answered(403, `${api}${path}`)),
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

test('everything goes by keyboard alone, and the focus is always to be seen', async (t) => {
  const { page } = await visit(t);
  const { username } = await addPerson(person);
  /** @param {string | RegExp} name */
  const tabTo = async (name) => {
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return undefined;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : [];
        return {
          name: element.getAttribute('aria-label') ?? (labels[0] ?? element).textContent?.trim(),
          // The start of a new page has the focus without being a place to do something.
          isVisible:
            element.id === 'main' || (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2),
        };
      });
      if (!focused) continue;
      assert.ok(focused.isVisible, `no outline at ${focused.name}`);
      if (typeof name === 'string' ? focused.name === name : name.test(focused.name ?? '')) return;
    }
    assert.fail(`no way to ${name} by keyboard`);
  };

  await page.goto(app);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await tabTo('Skip to the content');
  await page.keyboard.press('Enter');
  await tabTo('Sign in');
  await page.keyboard.press('Enter');
  await page.getByLabel('Username or email').focus();
  await page.keyboard.type(username);
  await page.keyboard.press('Tab');
  await page.keyboard.type(demoPassword);
  await page.keyboard.press('Enter');
  await signedIn(page);

  await tabTo('Todos');
  await page.keyboard.press('Enter');
  await tabTo('New todo');
  for (const text of ['Buy milk', 'Buy bread']) {
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
    await todo(page, text).waitFor();
  }
  await texts(page); // once they are saved
  await tabTo('Buy bread');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  assert.ok(await page.getByRole('checkbox', { name: 'Buy milk' }).isChecked());
  await page.keyboard.press('F2');
  await page.keyboard.type('Buy oat milk');
  await page.keyboard.press('Enter');
  await todo(page, 'Buy oat milk').waitFor();
  await tabTo('Delete Buy oat milk');
  await page.keyboard.press('Enter');
  await tabTo('Undo');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Delete');
  await todo(page, 'Buy oat milk').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+z');
  await todo(page, 'Buy oat milk').waitFor();

  await page.keyboard.press('Control+Home');
  await page.getByRole('link', { name: 'Encore with Logto' }).focus();
  await tabTo(/Menu, signed in as/);
  await page.keyboard.press('Enter');
  await tabTo('Account');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Account' }).waitFor();
  await tabTo('Delete my data…');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Delete my data…');
});
