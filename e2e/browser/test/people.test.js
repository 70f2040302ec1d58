import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { addPerson, addRole } from '../src/administration.js';
import { api, app } from '../src/launch.js';
import { signIn } from '../src/person.js';
import { answered, visit } from '../src/visit.js';

test('who may read people searches them, and the search is in the address', async (t) => {
  const prefix = `Zz${randomBytes(4).toString('hex')}`;
  for (const name of ['Cem', 'Ada', 'Bea']) {
    await addPerson({ name: `${prefix} ${name}`, canSignIn: false });
  }
  const { page } = await visit(t);
  await signIn(page, 'carol');
  await page.getByRole('link', { name: 'People', exact: true }).click();

  const search = page.getByLabel('Name or e-mail begins with');
  // The provider tells the API of new people when it can.
  await search.fill(prefix.toUpperCase());
  await page.getByRole('status').getByText('3 people', { exact: true }).waitFor();
  const names = page
    .getByRole('region', { name: 'People' })
    .getByRole('listitem')
    .locator('strong');
  assert.deepEqual(await names.allTextContents(), [
    `${prefix} Ada`,
    `${prefix} Bea`,
    `${prefix} Cem`,
  ]);

  await page.reload();
  await page.getByRole('status').getByText('3 people', { exact: true }).waitFor();
  assert.equal(await search.inputValue(), prefix.toUpperCase());
  await search.fill(`${prefix} bea`);
  await page.getByRole('status').getByText('1 person', { exact: true }).waitFor();
  await search.fill(`${prefix} nobody`);
  await page.getByRole('status').getByText('Nobody found.').waitFor();
  assert.equal(page.url(), `${app}/people?search=${prefix}+nobody`);
});

test('people load page by page', async (t) => {
  const prefix = `Yy${randomBytes(4).toString('hex')}`;
  const names = Array.from({ length: 70 }, (_, index) => `${prefix} ${index}`);
  await Promise.all(names.map((name) => addPerson({ name, canSignIn: false })));
  const { page } = await visit(t);
  await signIn(page, 'carol');
  await page.goto(`${app}/people?search=${prefix}`);
  for (const count of ['The first 30 people', 'The first 60 people']) {
    await page.getByRole('status').getByText(count).waitFor();
    // The key End may come before the rows are drawn.
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  }
  await page.getByRole('status').getByText('70 people', { exact: true }).waitFor();
});

test('people who lack a permission are told which, and have it after signing in again', async (t) => {
  const { page } = await visit(t, { complaints: [answered(403, `${api}/users`)] });
  const person = await addPerson();
  await signIn(page, person.username);
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await page.getByText('Your account needs the permission “read:users”.').waitFor();

  await addRole(person, 'user-admin');
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await page.getByLabel('Name or e-mail begins with').waitFor();
  assert.equal(page.url(), `${app}/people`);
});
