import assert from 'node:assert/strict';
import { test } from 'node:test';
import { app } from '../src/launch.js';
import { identify, signIn } from '../src/person.js';
import { visit } from '../src/visit.js';

test('a deep link leads through sign-in and back to it, query and fragment included', async (t) => {
  const { page } = await visit(t);
  await page.goto(`${app}/protected?x=1#y`);
  await identify(page, 'alice');
  await page.getByText('Hello, alice0000001!').waitFor();
  assert.equal(page.url(), `${app}/protected?x=1#y`);
});

test('a refresh of a protected page stays there', async (t) => {
  const { page, requestsTo } = await visit(t);
  await signIn(page, 'alice');
  await page.getByRole('link', { name: 'Protected' }).click();
  await page.getByText('Hello, alice0000001!').waitFor();
  const signIns = requestsTo(`${app}/callback`).length;

  await page.reload();
  await page.getByText('Hello, alice0000001!').waitFor();
  assert.equal(page.url(), `${app}/protected`);
  assert.equal(requestsTo(`${app}/callback`).length, signIns);
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
