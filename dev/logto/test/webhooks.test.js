import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { seed as demoSeed } from '../src/seed.js';
import { Webhooks } from '../src/webhooks.js';
import { acme, seed, startProvider } from '../testing/provider.js';
import { startReceiver } from '../testing/receiver.js';
import { sample, shape } from '../testing/samples.js';

const demoHook = /** @type {import('../src/webhooks.js').Hook} */ (demoSeed.hooks[0]);

/**
 * A provider whose webhook leads to the test.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('node:http').RequestListener} [answer]
 */
async function startWithReceiver(t, answer) {
  const receiver = await startReceiver(t, answer);
  const hooks = [{ ...demoHook, config: { url: receiver.url } }];
  return { ...(await startProvider(t, { seed: { ...seed, hooks } })), ...receiver };
}

/** @param {string} key @param {string} rawBody */
const signatureOf = (key, rawBody) => createHmac('sha256', key).update(rawBody).digest('hex');

/**
 * The delivery that was recorded for an action.
 *
 * @param {string} trigger
 * @param {string} event
 */
async function recordedDelivery(trigger, event) {
  /** @type {{ trigger: string, rawBody: string }[]} */
  const deliveries = await sample('webhooks');
  const bodies = deliveries
    .filter((delivery) => delivery.trigger === trigger)
    .map(({ rawBody }) => JSON.parse(rawBody));
  return bodies.find((body) => body.event === event) ?? assert.fail(`no recording of ${trigger}`);
}

/**
 * A body with shapes in the place of what differs between people and times.
 *
 * @param {Record<string, any>} body
 */
function comparable({ event, interactionEvent, method, status, matchedRoute, ...rest }) {
  for (const person of [rest.data, rest.user]) {
    if (person) Object.assign(person, { customData: {}, profile: {} });
  }
  return { event, interactionEvent, method, status, matchedRoute, rest: shape(rest) };
}

test('changes by the Management API are delivered as recorded', async (t) => {
  const { call, deliveries, received } = await startWithReceiver(t);
  const newUser = { username: 'dora', primaryEmail: 'd@example.com', name: 'D', password: 'x' };
  /** @type {[string, string, (id: string) => string, unknown, string][]} */
  const changes = [
    ['POST /api/users', 'POST', () => '/users', newUser, 'User.Created'],
    [
      'PATCH /api/users/:id (name)',
      'PATCH',
      (id) => `/users/${id}`,
      { name: 'Dora “Ünïcode” 🦊' },
      'User.Data.Updated',
    ],
    [
      'PATCH /api/users/:id/is-suspended',
      'PATCH',
      (id) => `/users/${id}/is-suspended`,
      { isSuspended: true },
      'User.SuspensionStatus.Updated',
    ],
    ['DELETE /api/users/:id', 'DELETE', (id) => `/users/${id}`, undefined, 'User.Deleted'],
  ];
  let id = '';
  for (const [trigger, method, path, body, event] of changes) {
    const answer = await call(method, path(id), body);
    const { headers, ...delivery } = await received(event);
    const recorded = await recordedDelivery(trigger, event);
    assert.equal(delivery.body.path, path(id));
    assert.equal(delivery.body.hookId, demoHook.id);
    if (answer.body) assert.deepEqual(delivery.body.data, answer.body);
    assert.deepEqual(comparable(delivery.body), comparable(recorded), trigger);
    const signature = signatureOf(demoHook.signingKey, delivery.rawBody);
    assert.equal(headers['logto-signature-sha-256'], signature);
    assert.equal(headers['user-agent'], 'Logto (https://logto.io/)');
    id ||= answer.body.id;
  }
  assert.equal(deliveries.length, 0);
});

test('memberships are delivered as recorded, and roles are not', async (t) => {
  const { call, deliveries, received } = await startWithReceiver(t);
  const event = 'Organization.Membership.Updated';
  const members = `/organizations/${acme}/users`;
  const user = 'bob000000001';
  await call('POST', `/users/${user}/roles`, { roleIds: ['roleuseradmin00000001'] });
  await call('POST', members, { userIds: [user] });
  const joined = (await received(event)).body;
  const recorded = await recordedDelivery('POST /api/organizations/:id/users', event);
  assert.deepEqual(comparable(joined), comparable(recorded));
  await call('POST', `${members}/${user}/roles`, {
    organizationRoleIds: ['orgroleviewer00000001'],
  });
  await call('DELETE', `${members}/${user}`);
  const left = (await received(event)).body;
  assert.deepEqual(
    [left.organizationId, left.method, left.path, left.params, left.status],
    [acme, 'DELETE', `${members}/${user}`, { id: acme, userId: user }, 204],
  );
  assert.equal(deliveries.length, 0);
});

test('registrations and sign-ins are delivered as recorded', async (t) => {
  const { call, openPage, signIn, received, deliveries } = await startWithReceiver(t);
  const page = await openPage({ first_screen: 'register' });
  await page.submit({ username: 'dave', email: '', password: 'long-enough' });
  const created = (await received('User.Created')).body;
  const registered = (await received('PostRegister')).body;
  for (const body of [created, registered]) {
    const recorded = await recordedDelivery('browser registration (dave)', body.event);
    assert.deepEqual(comparable(body), comparable(recorded));
  }
  assert.equal(created.data.updatedAt, created.data.createdAt);
  assert.equal(registered.user.lastSignInAt, registered.user.updatedAt);
  assert.equal(registered.sessionId, created.sessionId);
  // The first application is stored after the event.
  const { body: user } = await call('GET', `/users/${registered.userId}`);
  assert.equal(user.applicationId, 'spa1localencore2logto');
  assert.ok(user.updatedAt > registered.user.updatedAt);
  assert.ok(registered.user.updatedAt > created.data.updatedAt);

  await assert.rejects(signIn('bob', { password: 'wrong' }));
  await signIn('bob');
  await received('PostSignIn');
  await signIn('bob');
  const { body } = await received('PostSignIn');
  const recorded = await recordedDelivery('browser sign-in (bob)', 'PostSignIn');
  assert.deepEqual(comparable(body), comparable(recorded));
  assert.equal(body.user.lastSignInAt, body.user.updatedAt);
  assert.equal(deliveries.length, 0);
});

/** @type {[string, import('node:http').RequestListener, RegExp][]} */
const failures = [
  ['answers 500', (_request, response) => response.writeHead(500).end(), /failed: HTTP 500$/],
  [
    'redirects',
    (_request, response) => response.writeHead(307, { Location: '/elsewhere' }).end(),
    /failed: HTTP 307$/,
  ],
  ['breaks off', (request) => request.socket.destroy(), /failed: (UND_ERR_SOCKET|ECONNRESET)$/],
  ['never answers', () => {}, /failed: The operation was aborted due to timeout$/],
];
for (const [name, answer, line] of failures) {
  test(`a receiver that ${name} gets one delivery, and the log a line`, async (t) => {
    const { url, deliveries } = await startReceiver(t, answer);
    const message = await new Promise((resolve) => {
      t.mock.method(console, 'error', resolve);
      new Webhooks([{ ...demoHook, config: { url } }], 200).send('User.Created', {});
    });
    assert.match(message, line);
    assert.ok(message.includes(` to ${url} `));
    assert.equal(deliveries.length, 1);
  });
}

test('hooks are added, read, changed and removed', async (t) => {
  const { call } = await startProvider(t);
  const other = await startReceiver(t);
  const added = await call('POST', '/hooks', {
    name: 'mine',
    events: ['User.Deleted'],
    config: { url: other.url, headers: { 'x-mine': 'yes' } },
  });
  assert.equal(added.status, 201);
  assert.match(added.body.id, /^[\w-]{21}$/);
  const path = `/hooks/${added.body.id}`;
  assert.deepEqual((await call('GET', path)).body, added.body);
  assert.deepEqual((await call('GET', '/hooks')).body, [added.body]);

  await call('PATCH', '/users/bob000000001', { name: 'B' });
  await call('DELETE', '/users/bob000000001');
  const { headers, rawBody } = await other.received('User.Deleted');
  assert.equal(headers['x-mine'], 'yes');
  assert.equal(headers['logto-signature-sha-256'], signatureOf(added.body.signingKey, rawBody));
  assert.equal(other.deliveries.length, 0);

  assert.equal((await call('PATCH', path, { enabled: false })).body.enabled, false);
  await call('DELETE', '/users/carol0000001');
  assert.equal((await call('DELETE', path)).status, 204);
  assert.equal((await call('GET', path)).body.code, 'entity.not_exists_with_id');
  assert.equal(other.deliveries.length, 0);
});

test('a hook needs an address on this machine, and an event', async (t) => {
  const { call } = await startProvider(t);
  const others = ['https://example.com/', 'http://localhost.example.com/', 'http://10.0.0.1/'];
  for (const url of [...others, 'http://127.0.0.1.nip.io/', 'ftp://localhost/', 'localhost']) {
    const { status, body } = await call('POST', '/hooks', {
      events: ['User.Created'],
      config: { url },
    });
    assert.deepEqual([status, body.code], [400, 'guard.invalid_input'], url);
  }
  const { body } = await call('POST', '/hooks', { config: { url: 'http://localhost:9/' } });
  assert.equal(body.code, 'hook.missing_events');
});
