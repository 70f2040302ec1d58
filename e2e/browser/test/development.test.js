import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { app } from '../src/launch.js';
import { identify, signOut } from '../src/person.js';
import { visit } from '../src/visit.js';

test('the development server, where React runs effects twice, signs in, shows pages and signs out', async (t) => {
  const { page } = await visit(t, { served: 'development' });
  await page.goto(`${app}/under-the-hood/call`);
  await identify(page, 'alice');
  await page.getByText('Hello, ').waitFor();
  assert.equal(page.url(), `${app}/under-the-hood/call`);
  await page.reload();
  await page.getByText('Hello, ').waitFor();
  await signOut(page);
});

test('the devtools of the queries are there in development, and not in the build', async (t) => {
  const name = 'Open Tanstack query devtools';
  const { page } = await visit(t, { served: 'development' });
  await page.goto(app);
  await page.getByRole('button', { name }).waitFor();

  const assets = new URL('../../../frontend/dist/assets/', import.meta.url);
  const built = (await readdir(assets)).map((file) => readFile(new URL(file, assets), 'utf8'));
  for (const content of await Promise.all(built)) assert.ok(!content.includes('query devtools'));
});
