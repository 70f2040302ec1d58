import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { HeadlessBrowser } from '../src/headless-sign-in.js';
import { management } from '../testing/management.js';
import {
  acme,
  api,
  password,
  seed,
  startProvider,
  temporaryDirectory,
} from '../testing/provider.js';
import { sample, shape } from '../testing/shape.js';

/** @param {import('node:test').TestContext} t */
async function startWithManagement(t) {
  const provider = await startProvider(t);
  return { ...provider, call: await management(provider) };
}

/** The people of a list. @param {{ body: { id: string }[] }} answer */
const idsOf = ({ body }) => body.map(({ id }) => id);

test('a user has the shape recorded', async (t) => {
  const { call } = await startWithManagement(t);
  const [recorded] = await sample('webhooks');
  const { body } = await call('POST', '/users', {
    username: 'dora',
    primaryEmail: 'dora@example.com',
    name: 'Dora',
    password: 'long-enough',
  });
  assert.deepEqual(shape(body), shape(JSON.parse(recorded.rawBody).data));
  assert.match(body.id, /^[a-z0-9]{12}$/);
  assert.equal(body.createdAt, body.updatedAt);
  assert.deepEqual((await call('GET', `/users/${body.id}`)).body, body);
});

test('the list has the newest first, page by page, with the headers of Logto', async (t) => {
  const { call, endpoint } = await startWithManagement(t);
  const created = [];
  for (const username of ['dora', 'erin', 'frank']) {
    created.unshift((await call('POST', '/users', { username })).body.id);
  }
  const seeded = seed.people.map(({ id }) => id).reverse();
  assert.deepEqual(idsOf(await call('GET', '/users')), [...created, ...seeded]);

  const second = await call('GET', '/users?page=2&page_size=2');
  assert.deepEqual(idsOf(second), [created[2], seeded[0]]);
  assert.equal(second.headers.get('total-number'), '6');
  const link = (/** @type {number} */ page, /** @type {string} */ relation) =>
    `<${endpoint}/users?page=${page}&page_size=2>; rel="${relation}"`;
  assert.equal(
    second.headers.get('link'),
    [link(1, 'first'), link(1, 'prev'), link(3, 'last'), link(3, 'next')].join(', '),
  );

  const last = await call('GET', '/users?page=3&page_size=2');
  assert.deepEqual(idsOf(last), seeded.slice(1));
  assert.equal(
    last.headers.get('link'),
    [link(1, 'first'), link(2, 'prev'), link(3, 'last')].join(', '),
  );

  const beyond = await call('GET', '/users?page=4&page_size=2');
  assert.deepEqual(beyond.body, []);
  assert.equal(beyond.headers.get('total-number'), '6');
});

test('a page has 20 people, or as many as asked for, at most 100', async (t) => {
  const { call } = await startWithManagement(t);
  await Promise.all(Array.from({ length: 120 }, () => call('POST', '/users', {})));
  assert.equal((await call('GET', '/users')).body.length, 20);
  assert.equal((await call('GET', '/users?page_size=100')).body.length, 100);
  assert.equal((await call('GET', '/users?page_size=100&page=2')).body.length, 23);
  for (const query of ['page_size=101', 'page_size=0', 'page=0', 'page=-1', 'page=abc']) {
    const { status, body } = await call('GET', `/users?${query}`);
    assert.equal(status, 400, query);
    assert.deepEqual(body, {
      code: 'guard.invalid_pagination',
      message: 'The request pagination value is invalid.',
    });
  }
});

test('each change moves updatedAt, two at once too', async (t) => {
  const { call } = await startWithManagement(t);
  const path = '/users/bob000000001';
  const before = (await call('GET', path)).body;
  const answers = await Promise.all([
    call('PATCH', path, { name: 'Robert' }),
    call('PATCH', path, { avatar: 'https://example.com/bob.png' }),
    call('PATCH', `${path}/password`, { password: 'x' }),
    call('PATCH', `${path}/is-suspended`, { isSuspended: false }),
    call('PATCH', `${path}/custom-data`, { customData: { plan: 'pro' } }),
    call('PATCH', `${path}/profile`, { profile: { givenName: 'Robert' } }),
  ]);
  for (const { status } of answers) assert.equal(status, 200);
  const after = (await call('GET', path)).body;
  assert.ok(after.updatedAt >= before.updatedAt + answers.length);
  assert.deepEqual(
    { ...after, updatedAt: 0 },
    {
      ...before,
      name: 'Robert',
      avatar: 'https://example.com/bob.png',
      customData: { plan: 'pro' },
      profile: { givenName: 'Robert' },
      updatedAt: 0,
    },
  );
});

test('custom data and profile are merged on their own paths and replaced on the user', async (t) => {
  const { call } = await startWithManagement(t);
  const path = '/users/bob000000001';
  for (const [field, suffix, first, second] of [
    ['customData', 'custom-data', { a: 1 }, { b: 2 }],
    ['profile', 'profile', { givenName: 'B' }, { familyName: 'E' }],
  ]) {
    const merged = { .../** @type {object} */ (first), .../** @type {object} */ (second) };
    await call('PATCH', `${path}/${suffix}`, { [String(field)]: first });
    assert.deepEqual(
      (await call('PATCH', `${path}/${suffix}`, { [String(field)]: second })).body,
      merged,
    );
    const { body } = await call('PATCH', path, { [String(field)]: second });
    assert.deepEqual(body[String(field)], second);
  }
  assert.deepEqual((await call('GET', `${path}/custom-data`)).body, { b: 2 });
});

test('an empty text removes a value, and the name is free again', async (t) => {
  const { call } = await startWithManagement(t);
  const { body } = await call('PATCH', '/users/bob000000001', { username: '', name: null });
  assert.deepEqual([body.username, body.name], [null, null]);
  assert.equal((await call('POST', '/users', { username: 'bob' })).status, 200);
});

test('mistakes are answered as recorded', async (t) => {
  const { call } = await startWithManagement(t);
  const recorded = await sample('error-shapes');
  /** @type {[string, string, string, unknown][]} */
  const cases = [
    ['mgmt: user not found', 'GET', '/users/nobody', undefined],
    ['mgmt: username taken', 'POST', '/users', { username: 'alice' }],
    ['mgmt: email taken', 'POST', '/users', { primaryEmail: 'ALICE@example.com' }],
    ['mgmt: bad body', 'POST', '/users', { username: 5 }],
    ['mgmt: unknown route', 'GET', '/nothing-here', undefined],
  ];
  for (const [name, method, path, body] of cases) {
    const answer = await call(method, path, body);
    assert.equal(answer.status, recorded[name].status, name);
    assert.deepEqual(answer.body, recorded[name].body, name);
  }
  const taken = await call('PATCH', '/users/bob000000001', { username: 'alice' });
  assert.deepEqual(taken.body, recorded['mgmt: username taken'].body);
});

/** @type {[string, unknown, number, string | undefined][]} */
const badChanges = [
  ['no change at all', {}, 422, 'entity.invalid_input'],
  ['nothing known', { isSuspended: true }, 422, 'entity.invalid_input'],
  ['a list', [], 400, 'guard.invalid_input'],
  ['a username with a digit first', { username: '1a' }, 400, 'guard.invalid_input'],
  ['a bad address', { primaryEmail: 'nowhere' }, 400, 'guard.invalid_input'],
  ['a bad phone number', { primaryPhone: '+1' }, 400, 'guard.invalid_input'],
  ['a bad picture', { avatar: 'me.png' }, 400, 'guard.invalid_input'],
  ['custom data that is no object', { customData: [] }, 400, 'guard.invalid_input'],
  ['a profile of another type', { profile: { givenName: 1 } }, 400, 'guard.invalid_input'],
  ['a long name', { name: 'n'.repeat(129) }, 422, 'entity.value_too_long'],
  ['a NUL', { name: 'a\0b' }, 422, 'entity.invalid_input'],
  ['broken JSON', '{', 400, undefined],
  ['a body beyond bounds', { name: 'n'.repeat(1 << 20) }, 413, undefined],
];

for (const [name, body, status, code] of badChanges) {
  test(`${name} is refused and changes nothing`, async (t) => {
    const { call } = await startWithManagement(t);
    const before = (await call('GET', '/users/bob000000001')).body;
    const answer = await call('PATCH', '/users/bob000000001', body);
    assert.equal(answer.status, status);
    assert.equal(answer.body.code, code);
    assert.deepEqual((await call('GET', '/users/bob000000001')).body, before);
  });
}

test('two people created at once do not share a username', async (t) => {
  const { call } = await startWithManagement(t);
  const user = { username: 'dora', password: 'long-enough' };
  const answers = await Promise.all([call('POST', '/users', user), call('POST', '/users', user)]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422]);
});

test('a person without a password can not sign in until they get one', async (t) => {
  const { call, signIn } = await startWithManagement(t);
  const { body } = await call('POST', '/users', { username: 'dora' });
  assert.equal(body.hasPassword, false);
  await assert.rejects(signIn('dora', { password: 'null' }), /Incorrect account/);
  await call('PATCH', `/users/${body.id}/password`, { password: 'a new one' });
  await signIn('dora', { password: 'a new one' });
});

test('a suspension ends sessions and refresh tokens for good', async (t) => {
  const { call, signIn, refresh } = await startWithManagement(t);
  const browser = new HeadlessBrowser();
  const { refresh_token } = await signIn('bob', { browser });
  const other = await signIn('alice');

  const { body } = await call('PATCH', '/users/bob000000001/is-suspended', { isSuspended: true });
  assert.equal(body.isSuspended, true);
  await assert.rejects(refresh(refresh_token), /invalid_grant/);
  await assert.rejects(signIn('bob'), /This account is suspended\./);
  await refresh(other.refresh_token);

  await call('PATCH', '/users/bob000000001/is-suspended', { isSuspended: false });
  await assert.rejects(refresh(refresh_token), /invalid_grant/);
  await assert.rejects(signIn('bob', { browser, password: '' }), /Enter your password/);
  await signIn('bob', { browser });
});

test('a deletion ends sessions and refresh tokens, and the list forgets the person', async (t) => {
  const { call, signIn, refresh } = await startWithManagement(t);
  const browser = new HeadlessBrowser();
  const { refresh_token } = await signIn('bob', { browser });
  assert.equal((await call('DELETE', '/users/bob000000001')).status, 204);
  assert.equal((await call('DELETE', '/users/bob000000001')).status, 404);
  await assert.rejects(refresh(refresh_token), /invalid_grant/);
  await assert.rejects(signIn('bob', { browser }), /Incorrect account/);
  assert.deepEqual(idsOf(await call('GET', '/users')), ['carol0000001', 'alice0000001']);
});

test('a seeded person who was deleted stays deleted until the data is removed', async (t) => {
  const dataDirectory = await temporaryDirectory(t);
  const first = await startProvider(t, { dataDirectory });
  await (
    await management(first)
  )('DELETE', '/users/bob000000001');
  await first.close();
  const second = await startProvider(t, { dataDirectory });
  const call = await management(second);
  assert.equal((await call('GET', '/users/bob000000001')).status, 404);
});

test('whoever is created by the API has the default role, and no organization', async (t) => {
  const { call, signIn, refresh } = await startWithManagement(t);
  const { body } = await call('POST', '/users', { username: 'dora', password });
  const { id_token, refresh_token } = await signIn('dora');
  const { sub, roles, organizations } = decodeJwt(id_token);
  assert.deepEqual([sub, roles, organizations], [body.id, ['report-editor'], []]);
  const { scope } = await refresh(refresh_token, { resource: api });
  assert.equal(scope, 'read:reports write:reports');
});

test('a role given to somebody counts from their next sign-in, one taken away at once', async (t) => {
  const { call, signIn, refresh } = await startWithManagement(t);
  const roleId = 'roleuseradmin00000001';
  const before = await signIn('bob');
  await call('POST', '/users/bob000000001/roles', { roleIds: [roleId] });
  assert.equal((await refresh(before.refresh_token, { resource: api })).scope ?? '', '');

  const { refresh_token } = await signIn('bob');
  const given = await refresh(refresh_token, { resource: api });
  assert.equal(given.scope, 'read:users');
  await call('DELETE', `/users/bob000000001/roles/${roleId}`);
  assert.equal((await refresh(given.refresh_token, { resource: api })).scope ?? '', '');
});

test('roles and organizations that do not exist are refused', async (t) => {
  const { call } = await startWithManagement(t);
  const role = { organizationRoleIds: ['orgroleviewer00000001'] };
  /** @type {[string, string, unknown, number, string][]} */
  const cases = [
    ['POST', '/users/bob000000001/roles', { roleIds: ['x'] }, 404, 'entity.not_exists_with_id'],
    ['POST', '/users/nobody/roles', { roleIds: [] }, 404, 'entity.not_found'],
    [
      'POST',
      '/users/bob000000001/roles',
      { roleIds: ['rolemanagementapi0001'] },
      422,
      'user.invalid_role_type',
    ],
    ['DELETE', '/users/bob000000001/roles/x', undefined, 404, 'entity.not_found'],
    [
      'POST',
      '/organizations/x/users',
      { userIds: ['bob000000001'] },
      422,
      'entity.relation_foreign_key_not_found',
    ],
    [
      'POST',
      `/organizations/${acme}/users`,
      { userIds: ['nobody'] },
      422,
      'entity.relation_foreign_key_not_found',
    ],
    [
      'POST',
      `/organizations/${acme}/users/bob000000001/roles`,
      role,
      422,
      'organization.require_membership',
    ],
    ['DELETE', `/organizations/${acme}/users/bob000000001`, undefined, 404, 'entity.not_found'],
  ];
  for (const [method, path, body, status, code] of cases) {
    const answer = await call(method, path, body);
    assert.deepEqual([answer.status, answer.body.code], [status, code], `${method} ${path}`);
  }
});
