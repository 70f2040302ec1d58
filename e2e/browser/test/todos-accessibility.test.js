import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible } from '../src/accessible.js';
import { addPerson } from '../src/administration.js';
import { tabTo } from '../src/keyboard.js';
import { api } from '../src/launch.js';
import { signIn } from '../src/person.js';
import { refuse } from '../src/refuse.js';
import { addTodo, openTodos, texts, todo } from '../src/todos.js';
import { answered, visit } from '../src/visit.js';

test('every state of the todos is accessible', async (t) => {
  const { page } = await visit(t, {
    complaints: [answered(400, `${api}/todos`), answered(503, `${api}/todos`)],
  });
  const { username } = await addPerson();
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

test('the bar that undoes several deletions is accessible', async (t) => {
  const { page } = await visit(t);
  const { username } = await addPerson();
  await signIn(page, username);
  await openTodos(page);
  const long = 'Donaudampfschifffahrtsgesellschaft'.repeat(4);
  for (const text of [long, 'Buy bread', 'Buy salt']) await addTodo(page, text);
  await texts(page); // waits until they are saved
  for (const text of ['Buy salt', 'Buy bread', long]) {
    await page.getByRole('button', { name: `Delete ${text}` }).click();
  }
  // The clock stands still while the button has the focus.
  await page.getByRole('button', { name: 'Undo' }).focus();
  await page.getByText('(and 2 before)').waitFor();
  await assertAccessible(page, 'three deletions');

  await page.keyboard.press('Enter');
  await page.getByText('(and 1 before)').waitFor();
  await assertAccessible(page, 'three deletions, one undone');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  assert.deepEqual(await texts(page), ['Buy salt', 'Buy bread', long]);
});

test('todos can be kept by keyboard alone', async (t) => {
  const { page } = await visit(t);
  const { username } = await addPerson();
  await signIn(page, username);
  await tabTo(page, 'Todos');
  await page.keyboard.press('Enter');
  await tabTo(page, 'New todo');
  for (const text of ['Buy milk', 'Buy bread']) {
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
    await todo(page, text).waitFor();
  }
  await texts(page); // once they are saved
  await tabTo(page, 'Buy bread');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  assert.ok(await page.getByRole('checkbox', { name: 'Buy milk' }).isChecked());
  await page.keyboard.press('F2');
  await page.keyboard.type('Buy oat milk');
  await page.keyboard.press('Enter');
  await todo(page, 'Buy oat milk').waitFor();
  await tabTo(page, 'Delete Buy oat milk');
  await page.keyboard.press('Enter');
  await tabTo(page, 'Undo');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Delete');
  await todo(page, 'Buy oat milk').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+z');
  await todo(page, 'Buy oat milk').waitFor();
});
