import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPerson } from '../src/administration.js';
import { app } from '../src/launch.js';
import { signedOut, signIn } from '../src/person.js';
import { rowOf } from '../src/under-the-hood.js';
import { visit } from '../src/visit.js';

test('deleting one’s data asks first, signs out, says so, and leaves a new row to start from', async (t) => {
  const { page } = await visit(t);
  const { username } = await addPerson();
  await signIn(page, username);
  const row = await rowOf(page);

  await page.goto(`${app}/account`);
  await page.getByRole('button', { name: 'Delete my data…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete your data?' });
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Delete my data…' }).click();
  await dialog.getByRole('button', { name: 'Delete my data' }).click();
  await signedOut(page);
  await page.getByRole('heading', { name: 'Your data is deleted' }).waitFor();
  await page.reload();
  await signedOut(page);
  assert.equal(await page.getByText('Your data is deleted').count(), 0);

  await signIn(page, username);
  assert.notEqual((await rowOf(page)).id, row.id);
});

test('the account page says where the person is signed in, and signs out', async (t) => {
  const { page } = await visit(t);
  await signIn(page, 'alice');
  await page.goto(`${app}/account`);
  const sessions = page.getByRole('region', { name: 'Where you are signed in' });
  await sessions.getByText('This browser', { exact: true }).waitFor();
  await sessions.getByRole('button', { name: 'Sign out' }).click();
  await signedOut(page);
});
