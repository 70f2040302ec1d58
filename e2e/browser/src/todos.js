import { api, app } from './launch.js';

/** The role that lets people keep todos. New people have it. */
export const editorRoleId = 'roletodoeditor0000001';

/** @typedef {import('playwright-core').Page} Page */

/**
 * Opens the person's own list, and waits for it.
 *
 * @param {Page} page
 */
export async function openTodos(page) {
  await page.goto(`${app}/todos`);
  await page.getByLabel('New todo').waitFor();
}

/**
 * @param {Page} page
 * @param {string} text
 */
export async function addTodo(page, text) {
  await page.getByLabel('New todo').fill(text);
  await page.getByLabel('New todo').press('Enter');
  await todo(page, text).waitFor();
}

/**
 * A row of the list.
 *
 * @param {Page} page
 * @param {string} text
 */
export function todo(page, text) {
  return page
    .getByRole('listitem')
    .filter({ has: page.getByRole('checkbox', { name: text, exact: true }) });
}

/**
 * The texts of the list, from the top, once all changes are saved.
 *
 * @param {Page} page
 */
export async function texts(page) {
  await page.locator('li[aria-busy="true"]').first().waitFor({ state: 'detached' });
  return page
    .getByRole('region', { name: 'Todos' })
    .getByRole('checkbox')
    .locator('+ span')
    .allTextContents();
}

/**
 * Adds todos by calling the API, in any order.
 *
 * @param {string} authorization
 * @param {string[]} list
 */
export async function postTodos(authorization, list) {
  const left = list.values();
  const worker = async () => {
    for (const text of left) await postTodo(authorization, text);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/**
 * @param {string} authorization
 * @param {string} text
 */
async function postTodo(authorization, text) {
  const response = await fetch(`${api}/todos`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  });
  if (!response.ok) throw new Error(`POST /todos: ${response.status} ${await response.text()}`);
}
