import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { app } from '../src/launch.js';
import { identify, signOut } from '../src/person.js';
import { addTodo, openTodos } from '../src/todos.js';
import { addPerson } from '../src/administration.js';
import { visit } from '../src/visit.js';

test('on the development server, where React runs effects twice, all goes the same way', async (t) => {
  const { page } = await visit(t, { served: 'development' });
  const { username } = await addPerson({ roles: ['todo-editor'] });
  await page.goto(`${app}/under-the-hood/call`);
  await identify(page, username);
  await page.getByText('Hello, ').waitFor();
  assert.equal(page.url(), `${app}/under-the-hood/call`);
  await page.reload();
  await page.getByText('Hello, ').waitFor();
  await openTodos(page);
  await addTodo(page, 'Buy milk');
  await page.getByRole('button', { name: 'Delete Buy milk' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('checkbox', { name: 'Buy milk' }).waitFor();
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
