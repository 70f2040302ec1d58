import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { addPerson, removeRole } from '../src/administration.js';
import { appName } from '../src/app-name.js';
import { hold } from '../src/hold.js';
import { api, app } from '../src/launch.js';
import { identify, register, signedOut, signIn, signOut } from '../src/person.js';
import { addTodo, editorRoleId, openTodos, postTodos, texts, todo } from '../src/todos.js';
import { refuse } from '../src/refuse.js';
import { answered, unanswered, visit } from '../src/visit.js';

const list = `${api}/todos`;
const deletion = `${list}/delete`;
const conflict = new RegExp(`status of 409 \\(Conflict\\) ${list}/\\d+$`);

/**
 * @param {import('node:test').TestContext} t
 * @param {Parameters<typeof visit>[1]} [options]
 */
async function withOwnList(t, options) {
  const visitor = await visit(t, options);
  const person = await addPerson();
  await signIn(visitor.page, person.username);
  await openTodos(visitor.page);
  return { ...visitor, person };
}

test('todos are added, ticked off, edited and deleted, and are there after a refresh', async (t) => {
  const { page } = await withOwnList(t);
  await page.getByText('Nothing here yet.').waitFor();
  for (const text of ['Buy milk', 'Write the report', 'اشتر الحليب']) await addTodo(page, text);

  await page.getByRole('checkbox', { name: 'Buy milk' }).check();
  await page.getByRole('button', { name: 'Edit Write the report' }).click();
  await page.getByRole('textbox', { name: 'Edit Write the report' }).fill('Send the report');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Delete اشتر الحليب' }).click();
  assert.deepEqual(await texts(page), ['Send the report', 'Buy milk']);

  // Going to another page ends the time for undoing.
  const deleted = page.waitForResponse(
    (response) => response.url() === deletion && response.request().method() === 'POST',
  );
  await page.getByRole('link', { name: appName }).click();
  await deleted;
  await openTodos(page);
  assert.deepEqual(await texts(page), ['Send the report', 'Buy milk']);
  assert.ok(await page.getByRole('checkbox', { name: 'Buy milk' }).isChecked());
});

test('a deleted todo comes back by the button and by the key, and nothing was sent', async (t) => {
  const { page, requestsTo } = await withOwnList(t);
  await addTodo(page, 'Buy milk');
  await addTodo(page, 'Buy bread');

  await page.getByRole('button', { name: 'Delete Buy milk' }).click();
  assert.deepEqual(await texts(page), ['Buy bread']);
  await page.getByRole('status').getByText('Deleted: Buy milk').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  assert.deepEqual(await texts(page), ['Buy bread', 'Buy milk']);

  await page.getByRole('checkbox', { name: 'Buy bread' }).focus();
  await page.keyboard.press('Delete');
  assert.deepEqual(await texts(page), ['Buy milk']);
  await page.keyboard.press('Control+z');
  assert.deepEqual(await texts(page), ['Buy bread', 'Buy milk']);
  assert.equal(requestsTo(deletion).length, 0);
});

test('what is changed shows at once, waits while the API is away, and is saved after', async (t) => {
  const { page } = await withOwnList(t, { complaints: [answered(503, list)] });
  await page.route(list, (route) =>
    route.request().method() === 'POST'
      ? refuse(route, 503, 'unavailable', 'away')
      : route.fallback(),
  );
  await page.getByLabel('New todo').fill('Buy milk');
  await page.keyboard.press('Enter');
  await todo(page, 'Buy milk').waitFor();
  await page.getByText('Not saved yet.').waitFor();
  await page.getByText('Your change is kept').waitFor();

  await page.unroute(list);
  await page.getByText('Not saved yet.').waitFor({ state: 'detached' });
  await page.reload();
  await todo(page, 'Buy milk').waitFor();
  assert.deepEqual(await texts(page), ['Buy milk']);
});

test('a change that the API is too busy for is sent again when told, once', async (t) => {
  const { page, requestsTo } = await withOwnList(t, { complaints: [answered(429, list)] });
  let refusals = 0;
  await page.route(list, (route) => {
    if (route.request().method() !== 'POST' || refusals === 2) return route.fallback();
    refusals++;
    return refuse(route, 429, 'resource_exhausted', 'too many', { retry_after: 1 });
  });
  await addTodo(page, 'Buy milk');
  await page.getByText('sent as soon as the service is less busy').waitFor();
  await page.getByText('Not saved yet.').waitFor({ state: 'detached' });
  await page.locator('li[aria-busy="true"]').waitFor({ state: 'detached' });
  await page.reload();
  await todo(page, 'Buy milk').waitFor();
  assert.deepEqual(await texts(page), ['Buy milk']);
  assert.equal(requestsTo(list).filter((request) => request.method() === 'POST').length, 3);
});

test('a todo whose answer was lost is sent again, and is there once', async (t) => {
  const { page, requestsTo } = await withOwnList(t, {
    complaints: [unanswered('net::ERR_CONNECTION_RESET', list)],
  });
  let isLost = false;
  await page.route(list, async (route) => {
    if (isLost || route.request().method() !== 'POST') return route.fallback();
    isLost = true;
    assert.equal((await route.fetch()).status(), 200);
    await route.abort('connectionreset');
  });
  await addTodo(page, 'Buy milk');
  await page.locator('li[aria-busy="true"]').waitFor({ state: 'detached' });
  await page.reload();
  await todo(page, 'Buy milk').waitFor();
  assert.deepEqual(await texts(page), ['Buy milk']);
  const keys = requestsTo(list)
    .filter((request) => request.method() === 'POST')
    .map((request) => request.headers()['idempotency-key']);
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
});

test('offline is told apart, and what is changed meanwhile is saved after', async (t) => {
  const { page } = await withOwnList(t);
  await page.evaluate(() => window.dispatchEvent(new Event('offline')));
  await addTodo(page, 'Buy milk');
  await page.getByText('You are offline.').waitFor();
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await page.getByText('You are offline.').waitFor({ state: 'detached' });
  await page.reload();
  await todo(page, 'Buy milk').waitFor();
});

test('what is not saved is told on other pages, survives a reload and is saved after', async (t) => {
  const { page } = await withOwnList(t, { complaints: [answered(503, list)] });
  await page.route(list, (route) =>
    route.request().method() === 'POST'
      ? refuse(route, 503, 'unavailable', 'away')
      : route.fallback(),
  );
  await addTodo(page, 'Buy milk');
  await page.getByRole('link', { name: appName }).click();
  await page.getByText('Not saved yet.').waitFor();

  const asked = page.waitForEvent('dialog');
  await page.evaluate(() => void setTimeout(() => window.location.reload()));
  const question = await asked;
  assert.equal(question.type(), 'beforeunload');
  await Promise.all([page.waitForEvent('load'), question.accept()]);
  await page.unroute(list);
  await page.getByRole('link', { name: 'Todos', exact: true }).click();
  await todo(page, 'Buy milk').waitFor();
  await page.locator('li[aria-busy="true"]').waitFor({ state: 'detached' });
  await page.reload();
  await todo(page, 'Buy milk').waitFor();
  assert.deepEqual(await texts(page), ['Buy milk']);
});

test('what is typed while the session ends is saved once the same person is back', async (t) => {
  const { page, person } = await withOwnList(t, { complaints: [answered(401, list)] });
  await page.route(list, (route) =>
    route.request().method() === 'POST'
      ? refuse(route, 401, 'unauthenticated', 'the token has expired')
      : route.fallback(),
  );
  await page.getByLabel('New todo').fill('Buy milk');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'You were signed out' }).waitFor();
  await page.getByText('What you typed is kept in this tab.').waitFor();
  await page.unroute(list);
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await todo(page, 'Buy milk').or(page.getByLabel('Username or email')).waitFor();
  if (await page.getByLabel('Username or email').isVisible()) await identify(page, person.username);
  await todo(page, 'Buy milk').waitFor();
  await page.locator('li[aria-busy="true"]').waitFor({ state: 'detached' });
  await page.reload();
  await todo(page, 'Buy milk').waitFor();
});

/** @type {[string, (page: import('playwright-core').Page) => Promise<unknown>][]} */
const departures = [
  ['closes the page', (page) => page.close({ runBeforeUnload: true })],
  ['reloads the page', (page) => page.reload()],
  ['signs out', signOut],
];

for (const [does, depart] of departures) {
  test(`what is deleted is gone for good when the person ${does} at once`, async (t) => {
    const { page, callApi } = await withOwnList(t);
    await addTodo(page, 'Buy milk');
    await addTodo(page, 'Buy bread');
    await page.locator('li[aria-busy="true"]').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Delete Buy milk' }).click();
    await depart(page);
    await until(async () => {
      const { todos } = await callApi('/todos');
      return todos.length === 1 && todos[0].text === 'Buy bread';
    });
  });
}

test('two who edit one todo: the second sees what the first wrote, and chooses', async (t) => {
  const { context, page } = await withOwnList(t, { complaints: [conflict] });
  await addTodo(page, 'Buy milk');
  const other = await context.newPage();
  await openTodos(other);

  await page.getByRole('button', { name: 'Edit Buy milk' }).click();
  await page.getByRole('textbox', { name: 'Edit Buy milk' }).fill('Buy oat milk');
  const saved = other.waitForResponse((response) => response.request().method() === 'PATCH');
  await other.getByRole('button', { name: 'Edit Buy milk' }).click();
  await other.getByRole('textbox', { name: 'Edit Buy milk' }).fill('Buy soy milk');
  await other.keyboard.press('Enter');
  await saved;

  await page.keyboard.press('Enter');
  const problem = page.getByRole('alert').filter({ hasText: 'Somebody else changed this' });
  await problem.getByText('You wrote: Buy oat milk').waitFor();
  await todo(page, 'Buy soy milk').waitFor();

  await problem.getByRole('button', { name: 'Keep mine' }).click();
  await todo(page, 'Buy oat milk').waitFor();
  await problem.waitFor({ state: 'detached' });
  assert.deepEqual(await texts(page), ['Buy oat milk']);
  await other.reload();
  await todo(other, 'Buy oat milk').waitFor();
});

test('what the API refuses is kept with the reason, until it is tried again or discarded', async (t) => {
  const { page } = await withOwnList(t, { complaints: [answered(400, list)] });
  await page.route(list, (route) =>
    route.request().method() === 'POST'
      ? refuse(route, 400, 'invalid_argument', 'the text is odd')
      : route.fallback(),
  );
  await addTodo(page, 'Buy milk');
  const problem = page.getByRole('alert').filter({ hasText: 'This was not added' });
  await problem.getByText('the text is odd').waitFor();
  await todo(page, 'Buy milk').waitFor();
  await problem.getByRole('button', { name: 'Discard' }).click();
  await page.getByText('Nothing here yet.').waitFor();
});

test('todos are counted, shown by their state, and cleared together when they are done', async (t) => {
  const { page, authorization, callApi, requestsTo } = await withOwnList(t);
  const show = (/** @type {string} */ name) =>
    page.getByRole('navigation', { name: 'Show' }).getByRole('link', { name, exact: true });
  await postTodos(
    authorization(),
    Array.from({ length: 70 }, (_, index) => `Todo ${index + 1}`),
  );
  await addTodo(page, 'Buy milk');
  await page.reload();
  await show('All 71').waitFor();
  await Promise.all(
    (await callApi('/todos?limit=100')).todos.map(tickAllBut('Buy milk', authorization())),
  );

  await page.goto(`${app}/todos?state=done`);
  await show('Done 70').waitFor();
  assert.equal(await show('Done 70').getAttribute('aria-current'), 'page');
  await show('Open 1').click();
  assert.equal(page.url(), `${app}/todos?state=open`);
  await todo(page, 'Buy milk').waitFor();
  assert.deepEqual(await texts(page), ['Buy milk']);

  // The list of those that are done is not in memory to its end.
  await page.getByRole('button', { name: 'Clear completed' }).click();
  await page.getByText('Deleted: 70 todos').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await show('Done 70').waitFor();
  assert.equal(requestsTo(deletion).length, 0);

  await page.getByRole('button', { name: 'Clear completed' }).click();
  await show('Done 0').waitFor();
  await page.goBack();
  await page.reload();
  await show('All 1').waitFor();
  await until(async () => (await callApi('/todos?state=done')).todos.length === 0);
  assert.equal((await callApi('/todos')).todos.length, 1);
});

test('several deletions in a row are undone one after the other, by keyboard', async (t) => {
  const { page, requestsTo } = await withOwnList(t);
  for (const text of ['Buy milk', 'Buy bread', 'Buy salt']) await addTodo(page, text);
  await texts(page); // once they are saved
  await page.getByRole('checkbox', { name: 'Buy salt' }).focus();
  for (let presses = 0; presses < 3; presses++) await page.keyboard.press('Delete');
  assert.deepEqual(await texts(page), []);
  await page.getByText('(and 2 before)').waitFor();
  await page.keyboard.press('Control+z');
  assert.deepEqual(await texts(page), ['Buy milk']);
  assert.equal(await page.evaluate(() => document.activeElement?.id), await idOf(page, 'Buy milk'));
  await page.getByRole('button', { name: 'Undo' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  assert.deepEqual(await texts(page), ['Buy salt', 'Buy bread', 'Buy milk']);
  assert.equal(await page.evaluate(() => document.activeElement?.id), await idOf(page, 'Buy salt'));
  assert.equal(requestsTo(deletion).length, 0);
});

test('a deletion whose answer doesn’t come is sent again after a reload, and nothing complains', async (t) => {
  const { page, callApi } = await withOwnList(t);
  await addTodo(page, 'Buy milk');
  await addTodo(page, 'Buy bread');
  await texts(page);
  // It arrives, and the page hears nothing of it.
  await page.route(deletion, async (route) => {
    await route.fetch();
  });
  await page.getByRole('button', { name: 'Delete Buy milk' }).click();
  await page.getByRole('link', { name: appName }).click();
  await until(async () => (await callApi('/todos')).todos.length === 1);
  page.on('dialog', (dialog) => void dialog.accept());
  const again = page.waitForRequest((request) => request.url().endsWith('/todos/delete'));
  await page.reload();
  await again;
  // The page has something unsaved, and nobody has touched it.
  await page.unroute(deletion);
  await openTodos(page);
  assert.deepEqual(await texts(page), ['Buy bread']);
  await page.waitForFunction(() => sessionStorage.getItem('unsaved') === null);
  await page.getByRole('link', { name: 'All 1' }).waitFor();
});

test('a todo says that it is being saved until it is', async (t) => {
  const { context, page } = await withOwnList(t);
  const { release } = await hold(context, list);
  await addTodo(page, 'Buy milk');
  const row = todo(page, 'Buy milk');
  await row.and(page.locator('[aria-busy="true"]')).waitFor();
  const saving = await row.innerText();

  release();
  await row.and(page.locator('[aria-busy="false"]')).waitFor();
  assert.notEqual(await row.innerText(), saving);
});

test('a todo that is being saved says so a little later, without moving anything', async (t) => {
  const { page } = await withOwnList(t);
  await addTodo(page, 'Buy milk');
  await texts(page);
  await page.route(`${list}/*`, () => undefined);
  await page.getByRole('checkbox', { name: 'Buy milk' }).check();
  const sign = todo(page, 'Buy milk').getByText('Saving…');
  await sign.waitFor({ state: 'attached' });
  const shown = await sign.evaluate((element) => {
    const [animation] = element.getAnimations();
    if (!animation) return [];
    animation.pause();
    return [0, 399, 600].map((ms) => {
      animation.currentTime = ms;
      return getComputedStyle(element).opacity;
    });
  });
  assert.deepEqual(shown, ['0', '0', '1']);
  const height = () => todo(page, 'Buy milk').evaluate((row) => row.getBoundingClientRect().height);
  const before = await height();
  await sign.evaluate((element) => element.remove());
  assert.equal(await height(), before);
});

test('a thousand todos load page by page, and each is there', async (t) => {
  const { page, authorization } = await withOwnList(t);
  const thousand = Array.from({ length: 1000 }, (_, index) => `Todo ${index + 1}`);
  await postTodos(authorization(), thousand);
  await page.reload();
  await page.getByRole('checkbox').first().focus();
  const boxes = page.getByRole('region', { name: 'Todos' }).getByRole('checkbox');
  while ((await boxes.count()) < 1000) {
    const before = await boxes.count();
    await page.keyboard.press('End');
    await page.waitForFunction(
      (count) => document.querySelectorAll('main li input').length > count,
      before,
    );
  }
  assert.deepEqual((await texts(page)).toSorted(), thousand.toSorted());
  await page.getByRole('button', { name: 'Show more' }).waitFor({ state: 'detached' });
  await page.getByRole('checkbox', { name: 'Todo 1', exact: true }).check();
  assert.equal((await texts(page)).length, 1000);
});

test('two people one after the other on one machine never see each other’s todos', async (t) => {
  const { page, person } = await withOwnList(t);
  await addTodo(page, `secret of ${person.username}`);
  await signOut(page);

  const other = await addPerson();
  await signIn(page, other.username);
  await page.getByRole('link', { name: 'Todos', exact: true }).click();
  await page.getByText('Nothing here yet.').waitFor();
  assert.ok(!(await page.content()).includes(person.username));
  assert.equal(page.url(), `${app}/todos`);
});

test('a new person may keep todos at once', async (t) => {
  const { page } = await visit(t);
  await register(page, `person_${randomBytes(6).toString('hex')}`);
  await openTodos(page);
  await addTodo(page, 'Buy milk');
});

test('people without the permission are told which they need', async (t) => {
  const { page } = await visit(t, { complaints: [answered(403, list)] });
  const person = await addPerson();
  await removeRole(person, editorRoleId);
  await signIn(page, person.username);
  await page.getByRole('link', { name: 'Todos', exact: true }).click();
  await page.getByText('Your account needs the permission “read:todos”.').waitFor();
});

test('deleting one’s data deletes one’s todos', async (t) => {
  const { page, person } = await withOwnList(t);
  await addTodo(page, 'Buy milk');
  await texts(page); // waits until it is saved
  await page.goto(`${app}/account`);
  await page.getByRole('button', { name: 'Delete my data…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete my data' }).click();
  await signedOut(page);
  await signIn(page, person.username);
  await openTodos(page);
  await page.getByText('Nothing here yet.').waitFor();
});

test('the list works on the development server, where React runs effects twice', async (t) => {
  const { page } = await withOwnList(t, { served: 'development' });
  await addTodo(page, 'Buy milk');
  await page.getByRole('button', { name: 'Delete Buy milk' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('checkbox', { name: 'Buy milk' }).waitFor();
  await signOut(page);
});

/**
 * Waits for a condition.
 *
 * @param {() => Promise<boolean>} isTrue
 */
async function until(isTrue) {
  const deadline = AbortSignal.timeout(10_000);
  while (!(await isTrue())) {
    deadline.throwIfAborted();
    await delay(50);
  }
}

/**
 * Ticks off every todo that it is given, past the page, but one.
 *
 * @param {string} text
 * @param {string} authorization
 */
function tickAllBut(text, authorization) {
  return async (/** @type {{id: number, text: string, version: number}} */ todo) => {
    if (todo.text === text) return;
    const response = await fetch(`${list}/${todo.id}`, {
      method: 'PATCH',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ version: todo.version, done: true }),
    });
    assert.equal(response.status, 200);
  };
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} text
 */
function idOf(page, text) {
  return page.getByRole('checkbox', { name: text, exact: true }).getAttribute('id');
}
