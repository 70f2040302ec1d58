import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { api, app } from '../src/launch.js';
import { signIn } from '../src/person.js';
import { factsOf, rowOf } from '../src/under-the-hood.js';
import { visit } from '../src/visit.js';

test('the page with the tokens shows the ID token’s claims and the same row at every visit', async (t) => {
  const { page, callApi } = await visit(t);
  await signIn(page, 'alice');
  const row = await rowOf(page);
  const { sub, name, username, email, roles, organizations } = await factsOf(page, 'ID token');
  assert.deepEqual(
    { sub, name, username, email, roles, organizations },
    {
      sub: 'alice0000001',
      name: 'Alice Example',
      username: 'alice',
      email: 'alice@example.com',
      roles: 'none',
      organizations: 'orgacme00001, orgglobex001',
    },
  );
  assert.equal((await factsOf(page, 'Userinfo')).sub, 'alice0000001');

  const stored = await callApi('/users/me');
  assert.deepEqual(Object.keys(row), Object.keys(stored));
  assert.equal(row.id, String(stored.id));
  assert.equal(row.logto_id, 'alice0000001');
  await page.reload();
  assert.equal((await factsOf(page, 'Row in the database')).id, row.id);
});

test('the access token is explained, counts down, and is copied as a call that works', async (t) => {
  const { page } = await visit(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  await signIn(page, 'carol');
  await page.goto(`${app}/under-the-hood/tokens`);
  const claims = await factsOf(page, 'Access token');
  assert.match(claims.aud ?? '', /^https:\/\/api\.encoreapp\.com.*Others have to refuse it\.$/);
  assert.match(claims.scope ?? '', /read:users/);
  assert.match(claims.typ ?? '', /^at\+jwt/);

  const timer = page.getByRole('timer');
  const before = await timer.textContent();
  assert.match(before ?? '', /^Good for (59|60) min \d+ s$/);
  await page.waitForFunction(
    (text) => document.querySelector('[role="timer"]')?.textContent !== text,
    before,
  );

  await page.getByRole('button', { name: 'Copy as curl' }).click();
  await page.getByRole('status').getByText('Copied, with your token in it.').waitFor();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(command, new RegExp(`^curl -H 'Authorization: Bearer [\\w.-]+' '${api}/users/me'$`));
  const answer = execFileSync('sh', ['-c', `${command} --silent`], { encoding: 'utf8' });
  assert.equal(JSON.parse(answer).logto_id, 'carol0000001');
});
