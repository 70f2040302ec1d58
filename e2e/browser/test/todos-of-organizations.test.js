import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPerson, removeRole } from '../src/administration.js';
import { app, provider } from '../src/launch.js';
import { signIn } from '../src/person.js';
import { addTodo, editorRoleId, openTodos, texts, todo } from '../src/todos.js';
import { forgetTokens } from '../src/tokens.js';
import { visit } from '../src/visit.js';

const [acme, globex] = ['orgacme00001', 'orgglobex001'];

test('the switch leads from the own list to an organization’s, which its members share', async (t) => {
  const mine = `mine ${Date.now()}`;
  const ours = `ours ${Date.now()}`;
  const { page } = await visit(t);
  const admin = await addPerson({
    organizations: { [acme]: ['org-admin'] },
  });
  await signIn(page, admin.username);
  await openTodos(page);
  await addTodo(page, mine);

  await page.getByRole('link', { name: 'acme' }).click();
  await page.getByRole('heading', { name: 'Todos of acme', level: 1 }).waitFor();
  await addTodo(page, ours);
  assert.ok(!(await texts(page)).includes(mine));

  await page.getByRole('link', { name: 'Mine', exact: true }).click();
  await todo(page, mine).waitFor();
  assert.deepEqual(await texts(page), [mine]);

  const other = await visit(t);
  const member = await addPerson({ organizations: { [acme]: ['org-viewer'] } });
  await removeRole(member, editorRoleId);
  await signIn(other.page, member.username);
  await other.page.goto(`${app}/todos/organizations/${acme}`);
  await todo(other.page, ours).waitFor();
  // A viewer reads, and is told what it takes to change it.
  await other.page.getByText('You can read this list, but not change it.').waitFor();
  assert.equal(await other.page.getByLabel('New todo').count(), 0);
  assert.equal(await other.page.getByRole('button', { name: /^(Edit|Delete) / }).count(), 0);
});

test('tabs that need tokens for several organizations at once all get them', async (t) => {
  const { context, page, requestsTo } = await visit(t);
  await signIn(page, 'alice');
  // Only the refresh token is left, which can be used once.
  await forgetTokens(page);
  const tabs = await Promise.all(
    ['todos', `todos/organizations/${acme}`, `todos/organizations/${globex}`].map(async (path) => {
      const tab = await context.newPage();
      await tab.goto(`${app}/${path}`);
      return tab;
    }),
  );
  const [own, ofAcme, ofGlobex] = /** @type {import('playwright-core').Page[]} */ (tabs);
  await own?.getByLabel('New todo').waitFor();
  await ofAcme?.getByLabel('New todo').waitFor();
  // In globex alice only reads.
  await ofGlobex?.getByText('You can read this list, but not change it.').waitFor();
  assert.equal(await ofGlobex?.getByLabel('New todo').count(), 0);
  await page.reload();
  await page.getByRole('heading', { name: 'Welcome, Alice Example' }).waitFor();
  assert.ok(requestsTo(`${provider}/oidc/token`).length >= 4);
});

test('an organization’s card leads to its list', async (t) => {
  const { page } = await visit(t);
  await signIn(page, 'alice');
  await page.getByRole('link', { name: 'Organizations' }).click();
  await page.getByRole('link', { name: 'Todos of globex' }).click();
  await page.getByRole('heading', { name: 'Todos of globex', level: 1 }).waitFor();
  assert.equal(page.url(), `${app}/todos/organizations/${globex}`);
});

test('people in no organization get no switch', async (t) => {
  const { page } = await visit(t);
  const { username } = await addPerson();
  await signIn(page, username);
  await page.goto(`${app}/organizations`);
  await page.getByRole('heading', { name: 'You are not in an organization yet' }).waitFor();
  await openTodos(page);
  assert.equal(await page.getByRole('navigation', { name: 'Lists' }).count(), 0);
});

test('an organization the person isn’t a member of is not found, without a token for it', async (t) => {
  const { page, requestsTo } = await visit(t);
  const { username } = await addPerson({
    organizations: { [globex]: ['org-admin'] },
  });
  await signIn(page, username);
  await page.goto(`${app}/todos/organizations/${globex}`);
  await page.getByLabel('New todo').waitFor();
  for (const organization of [acme, 'no%20such%20%C3%B6rg']) {
    await page.goto(`${app}/todos/organizations/${organization}`);
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    assert.match(await page.title(), /^Page not found/);
  }
  const asked = requestsTo(`${provider}/oidc/token`).map((request) =>
    new URLSearchParams(request.postData() ?? '').get('organization_id'),
  );
  assert.deepEqual(asked.filter(Boolean), [globex]);
  await page.getByRole('link', { name: 'Go to your own todos' }).click();
  await page.getByLabel('New todo').waitFor();
});
