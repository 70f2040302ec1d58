import assert from 'node:assert/strict';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { HeadlessBrowser } from '../src/headless-sign-in.js';
import { JsonFile } from '../src/json-file.js';
import { management } from '../testing/management.js';
import { openPage, seed, startProvider, temporaryDirectory } from '../testing/provider.js';

test('key, accounts, sessions and refresh tokens outlive a restart', async (t) => {
  const first = await startProvider(t);
  const { port, dataDirectory } = first;
  const page = await openPage(first.issuer, { first_screen: 'register' });
  await page.submit({ username: 'frank', email: '', password: '12345678' });
  const browser = new HeadlessBrowser();
  const before = await first.signIn('frank', { browser, password: '12345678' });
  const keySet = await (await fetch(`${first.issuer}/jwks`)).text();
  await first.close();

  const second = await startProvider(t, { port, dataDirectory });
  assert.equal(await (await fetch(`${second.issuer}/jwks`)).text(), keySet);
  const after = await second.refresh(before.refresh_token);
  assert.equal(decodeJwt(after.id_token).sub, decodeJwt(before.id_token).sub);
  await second.signIn('frank', { password: '12345678' });
  await second.signIn('', { browser, password: '' });
});

test('a person added to the seed later appears, the others stay as they are', async (t) => {
  const first = await startProvider(t);
  await first.close();
  const [alice, ...others] = seed.people;
  assert.ok(alice);
  const people = [
    { ...alice, password: 'changed-in-the-seed' },
    ...others,
    { ...alice, id: 'grace0000001', username: 'grace', primaryEmail: 'grace@example.com' },
  ];
  const second = await startProvider(t, {
    port: first.port,
    dataDirectory: first.dataDirectory,
    seed: { ...seed, people },
  });
  await second.signIn('grace');
  await second.signIn('alice');
});

test('people written into the data directory before the start are there, in their order', async (t) => {
  const dataDirectory = await temporaryDirectory(t);
  const account = (/** @type {number} */ number) => ({
    user: {
      id: `person${number}`,
      username: `person_${number}`,
      primaryEmail: null,
      primaryPhone: null,
      name: null,
      avatar: null,
      customData: {},
      identities: {},
      lastSignInAt: null,
      createdAt: number,
      updatedAt: number,
      profile: {},
      applicationId: null,
      isSuspended: false,
    },
    passwordHash: null,
    roles: [],
    organizations: [],
  });
  await writeFile(
    join(dataDirectory, 'accounts.json'),
    JSON.stringify([account(2), account(3), account(1)]),
  );
  const call = await management(await startProvider(t, { dataDirectory }));
  const { body } = await call('GET', '/users');
  assert.deepEqual(
    body.map((/** @type {{ id: string }} */ { id }) => id),
    [...seed.people.map(({ id }) => id).reverse(), 'person3', 'person2', 'person1'],
  );
  assert.equal((await call('POST', '/users', { username: 'person_2' })).status, 422);
});

test('data files are for this user alone, and hold no password', async (t) => {
  const { dataDirectory, signIn } = await startProvider(t);
  await signIn('alice');
  const files = await readdir(dataDirectory);
  assert.deepEqual(files.sort(), ['accounts.json', 'keys.json', 'oidc.json', 'seeded.json']);
  for (const file of files) {
    const path = join(dataDirectory, file);
    assert.equal((await stat(path)).mode & 0o777, 0o600, file);
    assert.doesNotMatch(JSON.stringify((await JsonFile.open(path, {})).data), /encore-logto-demo/);
  }
});

test('a damaged data file is named', async (t) => {
  const dataDirectory = await temporaryDirectory(t);
  await writeFile(join(dataDirectory, 'accounts.json'), '[{"user":');
  await assert.rejects(startProvider(t, { dataDirectory }), /accounts\.json is not valid JSON/);
});

test('saves made together all reach the disk', async (t) => {
  const path = join(await temporaryDirectory(t), 'numbers.json');
  const file = await JsonFile.open(path, /** @type {number[]} */ ([]));
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => {
      file.data.push(index);
      return file.save();
    }),
  );
  assert.deepEqual((await JsonFile.open(path, [])).data, file.data);
});
