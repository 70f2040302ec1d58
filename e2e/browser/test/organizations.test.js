import { test } from 'node:test';
import { addPerson } from '../src/administration.js';
import { signIn } from '../src/person.js';
import { visit } from '../src/visit.js';

test('each organization has its card, with the roles in it', async (t) => {
  const { page } = await visit(t);
  await signIn(page, 'alice');
  await page.getByRole('link', { name: 'Organizations' }).click();
  const card = page.getByRole('listitem').filter({ hasText: 'Globex Corporation' });
  await card.getByText('org-viewer').waitFor();
});

test('people in no organization are told so', async (t) => {
  const { page } = await visit(t);
  const { username } = await addPerson();
  await signIn(page, username);
  await page.getByRole('link', { name: 'Organizations' }).click();
  await page.getByRole('heading', { name: 'You are not in an organization yet' }).waitFor();
});
