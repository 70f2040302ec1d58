import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { seed, startProvider } from '../testing/provider.js';
import { sample, shape } from '../testing/samples.js';

const { call, endpoint, signIn } = await startProvider({ after });

test('a new user is as recorded, can sign in, and frees the name when deleted', async () => {
  const fields = { username: 'dora', primaryEmail: 'dora@example.com', name: 'Dora' };
  const { body } = await call('POST', '/users', { ...fields, password: 'long-enough' });
  const [recorded] = await sample('webhooks');
  assert.deepEqual(shape(body), shape(JSON.parse(recorded.rawBody).data));
  assert.match(body.id, /^[a-z0-9]{12}$/);
  assert.equal(body.createdAt, body.updatedAt);
  assert.deepEqual((await call('GET', `/users/${body.id}`)).body, body);
  await signIn('dora', { password: 'long-enough' });

  await call('PATCH', `/users/${body.id}`, { username: '', name: null });
  const another = await call('POST', '/users', { username: 'dora' });
  assert.equal(another.body.hasPassword, false);
  await assert.rejects(signIn('dora', { password: 'null' }), /Incorrect account/);
  for (const id of [body.id, another.body.id]) {
    assert.equal((await call('DELETE', `/users/${id}`)).status, 204);
    assert.equal((await call('DELETE', `/users/${id}`)).status, 404);
  }
});

test('each change moves updatedAt, also several at once', async () => {
  const path = '/users/bob000000001';
  const before = (await call('GET', path)).body;
  const changes = { name: 'Robert', avatar: 'https://example.com/b.png', customData: { a: 1 } };
  await Promise.all([
    ...Object.entries(changes).map(([name, value]) => call('PATCH', path, { [name]: value })),
    call('PATCH', `${path}/is-suspended`, { isSuspended: false }),
  ]);
  const { updatedAt, ...after } = (await call('GET', path)).body;
  assert.ok(updatedAt >= before.updatedAt + 4);
  assert.deepEqual({ ...after, updatedAt: before.updatedAt }, { ...before, ...changes });
});

/** @type {[string, unknown, number, string | undefined][]} */
const mistakes = [
  ['no change', {}, 422, 'entity.invalid_input'],
  ['a username with a digit first', { username: '1a' }, 400, 'guard.invalid_input'],
  ['a bad address', { primaryEmail: 'nowhere' }, 400, 'guard.invalid_input'],
  ['a bad phone number', { primaryPhone: '+1' }, 400, 'guard.invalid_input'],
  ['a bad picture', { avatar: 'me.png' }, 400, 'guard.invalid_input'],
  ['a long name', { name: 'n'.repeat(129) }, 400, 'guard.invalid_input'],
  ['a NUL', { name: 'a\0b' }, 400, 'guard.invalid_input'],
  ['broken JSON', '{', 400, undefined],
  ['a body that is too large', { name: 'n'.repeat(1 << 20) }, 413, undefined],
];
for (const [name, body, status, code] of mistakes) {
  test(`${name} is rejected and changes nothing`, async () => {
    const before = (await call('GET', '/users/bob000000001')).body;
    const answer = await call('PATCH', '/users/bob000000001', body);
    assert.deepEqual([answer.status, answer.body.code], [status, code]);
    assert.deepEqual((await call('GET', '/users/bob000000001')).body, before);
  });
}

test('people are listed page by page, the newest first', async (t) => {
  const { call, endpoint } = await startProvider(t);
  const ids = seed.people.map(({ id }) => id).reverse();
  for (let number = 0; number < 3; number += 1) {
    ids.unshift((await call('POST', '/users', {})).body.id);
  }
  const link = (/** @type {number} */ page, /** @type {string} */ relation) =>
    `<${endpoint}/users?page=${page}&page_size=2>; rel="${relation}"`;
  const links = [
    [link(1, 'first'), link(3, 'last'), link(2, 'next')],
    [link(1, 'first'), link(1, 'prev'), link(3, 'last'), link(3, 'next')],
    [link(1, 'first'), link(2, 'prev'), link(3, 'last')],
    [link(1, 'first'), link(3, 'prev'), link(3, 'last')],
  ];
  for (const [index, expected] of links.entries()) {
    const { headers, body } = await call('GET', `/users?page=${index + 1}&page_size=2`);
    const found = body.map((/** @type {{ id: string }} */ { id }) => id);
    assert.deepEqual(found, ids.slice(index * 2, index * 2 + 2));
    assert.equal(headers.get('total-number'), '6');
    assert.equal(headers.get('link'), expected.join(', '));
  }
});

test('a page has 20 people unless another size up to 100 is asked for', async () => {
  await Promise.all(Array.from({ length: 100 }, () => call('POST', '/users', {})));
  assert.equal((await call('GET', '/users')).body.length, 20);
  assert.equal((await call('GET', '/users?page_size=100')).body.length, 100);
  for (const query of ['page_size=101', 'page_size=0', 'page=0', 'page=-1', 'page=abc']) {
    const { status, body } = await call('GET', `/users?${query}`);
    assert.deepEqual([status, body.code], [400, 'guard.invalid_pagination'], query);
  }
});

test('other host names are rejected', async () => {
  const { request } = await import('node:http');
  const { port } = new URL(endpoint);
  const status = await new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', headers: { Host: `rebound.example.com:${port}` } })
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  assert.equal(status, 421);
});
