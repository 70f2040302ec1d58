import { fileURLToPath } from 'node:url';
import { addPerson } from './administration.js';
import { launch } from './launch.js';
import { signIn } from './person.js';
import { addTodo, openTodos, texts } from './todos.js';

/** Where the picture in the README is. */
const docs = new URL('../../../docs/', import.meta.url);

const browser = await launch();
try {
  await take('todos.png', 'dark', async (page) => {
    const { username } = await addPerson({
      name: 'Alice Example',
      organizations: { orgacme00001: ['org-admin'], orgglobex001: ['org-viewer'] },
    });
    await signIn(page, username);
    await openTodos(page);
    for (const text of ['Book the train', 'Old idea', 'Water the plants', 'Write to Carol']) {
      await addTodo(page, text);
    }
    await texts(page);
    await page.getByRole('checkbox', { name: 'Water the plants' }).check();
    await page.getByRole('button', { name: 'Delete Old idea' }).click();
    await page.getByRole('link', { name: 'globex' }).waitFor();
    await page.mouse.move(0, 0);
  });
} finally {
  await browser.close();
}

/**
 * @param {string} name
 * @param {'light' | 'dark'} colorScheme
 * @param {(page: import('playwright-core').Page) => Promise<void>} prepare
 */
async function take(name, colorScheme, prepare) {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 1.5,
    colorScheme,
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  await prepare(page);
  const path = fileURLToPath(new URL(name, docs));
  await page.screenshot({ path });
  console.log(path);
  await page.close();
}
