import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { app } from '../src/launch.js';
import { identify } from '../src/person.js';
import { buildStarter, importedPackages, installedPackages } from '../src/starter.js';
import { visit } from '../src/visit.js';

/** @type {Awaited<ReturnType<typeof buildStarter>>} */
let starter;
before(async () => {
  starter = await buildStarter();
});
after(() => starter?.remove());

test('the main.tsx of the kit’s README signs in, shows the protected answer, and survives a reload', async (t) => {
  const { page } = await visit(t, { served: starter.dist });
  await page.goto(app);
  await identify(page, 'alice');
  await page.getByText('Hello, alice0000001!').waitFor();
  assert.equal(page.url(), `${app}/`);

  await page.reload();
  await page.getByText('Hello, alice0000001!').waitFor();
});

test('the kit’s README installs what the kit imports, and nothing else', async () => {
  assert.deepEqual((await installedPackages()).sort(), (await importedPackages()).sort());
});
