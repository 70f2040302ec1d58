import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { seed as demoSeed } from '../src/seed.js';
import { Webhooks } from '../src/webhooks.js';
import { management } from '../testing/management.js';
import { acme, openPage, seed, startProvider } from '../testing/provider.js';
import { startReceiver } from '../testing/receiver.js';
import { sample, shape } from '../testing/shape.js';

const demoHook = /** @type {import('../src/webhooks.js').Hook} */ (demoSeed.hooks[0]);
const { signingKey } = demoHook;

/**
 * A provider whose hook leads to a receiver of the test.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('node:http').RequestListener} [answer]
 */
async function startWithReceiver(t, answer) {
  const receiver = await startReceiver(t, answer);
  const hook = { ...demoHook, config: { url: receiver.url } };
  const provider = await startProvider(t, {
    seed: { ...seed, hooks: [hook] },
  });
  return { ...provider, ...receiver, call: await management(provider) };
}

/** @param {string} key @param {string} rawBody */
const signatureOf = (key, rawBody) => createHmac('sha256', key).update(rawBody).digest('hex');

/**
 * The delivery recorded for what was done.
 *
 * @param {string} trigger
 * @param {string} [event] One of several.
 */
async function recordedDelivery(trigger, event) {
  const deliveries = /** @type {{ trigger: string, rawBody: string }[]} */ (
    await sample('webhooks')
  );
  for (const { rawBody } of deliveries.filter((delivery) => delivery.trigger === trigger)) {
    const body = JSON.parse(rawBody);
    if (!event || body.event === event) return body;
  }
  throw new Error(`no recording of ${trigger}`);
}

/**
 * A body without what differs from one person and moment to the next.
 *
 * @param {any} body
 */
function comparable({ path, params, data, user, ...rest }) {
  const { createdAt, userAgent, sessionId, ip, userIp, userId, hookId, ...others } = rest;
  const { organizationId, ...fixed } = others;
  return {
    ...fixed,
    application: rest.application && shape(rest.application),
    applicationId: shape(rest.applicationId ?? null),
    others: shape({
      ...{ createdAt, userAgent, sessionId, ip, userIp, userId, hookId, params, path },
      organizationId,
    }),
    data: shape(data ?? null),
    user: shape(user ?? null),
  };
}

test('the recordings are signed as told', async () => {
  for (const delivery of await sample('webhooks')) {
    assert.equal(delivery.signature, signatureOf(delivery.signingKey, delivery.rawBody));
  }
});

/** Everything that an administrator does, as one life. @type {[string, string, string, unknown][]} */
const changes = [
  [
    'POST /api/users',
    'POST',
    '/users',
    { username: 'dora', primaryEmail: 'dora@example.com', name: 'Dora', password: 'long-enough' },
  ],
  ['PATCH /api/users/:id (name)', 'PATCH', '', { name: 'Dora Two' }],
  ['PATCH /api/users/:id/custom-data', 'PATCH', '/custom-data', { customData: { plan: 'pro' } }],
  ['PATCH /api/users/:id/profile', 'PATCH', '/profile', { profile: { givenName: 'Dora' } }],
  ['PATCH /api/users/:id/password', 'PATCH', '/password', { password: 'another one' }],
  ['PATCH /api/users/:id/is-suspended', 'PATCH', '/is-suspended', { isSuspended: true }],
  ['DELETE /api/users/:id', 'DELETE', '', undefined],
];

test('each change by the Management API is delivered as recorded', async (t) => {
  const { call, deliveries, received } = await startWithReceiver(t);
  let user = '';
  for (const [trigger, method, path, body] of changes) {
    const answer = await call(method, user + path, body);
    const recorded = await recordedDelivery(trigger);
    const delivery = await received(recorded.event);
    deliveries.length = 0;

    assert.deepEqual(comparable(delivery.body), comparable(recorded), trigger);
    assert.equal(delivery.body.path, user + path);
    if (answer.body) assert.deepEqual(delivery.body.data, answer.body);
    user ||= `/users/${answer.body.id}`;
  }
});

test('a membership is delivered as recorded, and its end likewise; of roles nothing is', async (t) => {
  const { call, deliveries, received } = await startWithReceiver(t);
  const members = `/organizations/${acme}/users`;
  const event = 'Organization.Membership.Updated';
  await call('POST', '/users/bob000000001/roles', { roleIds: ['roleuseradmin00000001'] });
  await call('POST', members, { userIds: ['bob000000001'] });
  const joined = (await received(event)).body;
  assert.deepEqual(
    comparable(joined),
    comparable(await recordedDelivery('POST /api/organizations/:id/users')),
  );
  assert.equal(joined.path, members);

  await call('POST', `${members}/bob000000001/roles`, {
    organizationRoleIds: ['orgroleviewer00000001'],
  });
  await call('DELETE', '/users/bob000000001/roles/roleuseradmin00000001');
  assert.equal(deliveries.length, 1);
  deliveries.length = 0;
  await call('DELETE', `${members}/bob000000001`);
  const { body } = await received(event);
  assert.deepEqual(
    [body.organizationId, body.method, body.path, body.params, body.status],
    [acme, 'DELETE', `${members}/bob000000001`, { id: acme, userId: 'bob000000001' }, 204],
  );
});

test('a registration is delivered as recorded, with the states in between', async (t) => {
  const { issuer, call, received } = await startWithReceiver(t);
  const page = await openPage(issuer, { first_screen: 'register' });
  await page.submit({ username: 'dave', email: '', password: 'long-enough' });
  const created = (await received('User.Created')).body;
  const registered = (await received('PostRegister')).body;
  const trigger = 'browser registration (dave)';
  for (const body of [created, registered]) {
    assert.deepEqual(comparable(body), comparable(await recordedDelivery(trigger, body.event)));
  }
  assert.equal(created.data.updatedAt, created.data.createdAt);
  assert.ok(registered.user.updatedAt > created.data.updatedAt);
  assert.equal(registered.user.lastSignInAt, registered.user.updatedAt);
  assert.equal(registered.sessionId, created.sessionId);

  // The first application is noted after the event, and of that no webhook tells.
  const { body: user } = await call('GET', `/users/${registered.userId}`);
  assert.equal(user.applicationId, 'spa1localencore2logto');
  assert.ok(user.updatedAt > registered.user.updatedAt);
});

test('a sign-in is delivered as recorded, and moves updatedAt', async (t) => {
  const { signIn, call, deliveries, received } = await startWithReceiver(t);
  await signIn('bob');
  const first = (await received('PostSignIn')).body;
  deliveries.length = 0;
  const between = (await call('GET', '/users/bob000000001')).body;
  await signIn('bob');
  const { body } = await received('PostSignIn');

  const recorded = await recordedDelivery('browser sign-in (bob)');
  body.user.profile = recorded.user.profile;
  assert.deepEqual(comparable(body), comparable(recorded));
  assert.equal(body.user.lastSignInAt, body.user.updatedAt);
  assert.ok(body.user.updatedAt > between.updatedAt);
  assert.ok(between.updatedAt > first.user.updatedAt);
});

test('a refused sign-in is no event', async (t) => {
  const { issuer, signIn, deliveries, received } = await startWithReceiver(t);
  const page = await openPage(issuer);
  await page.submit({ identifier: 'bob', password: 'wrong' });
  await signIn('alice');
  await received('PostSignIn');
  assert.deepEqual(
    deliveries.map(({ body }) => body.userId),
    ['alice0000001'],
  );
});

test('a delivery has the headers of Logto and is signed over its bytes', async (t) => {
  const { call, received } = await startWithReceiver(t);
  await call('PATCH', '/users/bob000000001', { name: 'Bób “Ünïcode” 🦊' });
  const { headers, rawBody, body } = await received('User.Data.Updated');
  assert.equal(headers['logto-signature-sha-256'], signatureOf(signingKey, rawBody));
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['user-agent'], 'Logto (https://logto.io/)');
  assert.equal(body.data.name, 'Bób “Ünïcode” 🦊');
  assert.equal(body.hookId, demoHook.id);
});

/** @type {[string, import('node:http').RequestListener, RegExp][]} */
const refusals = [
  ['answers 500', (_request, response) => response.writeHead(500).end(), /failed: HTTP 500$/],
  [
    'redirects elsewhere',
    (_request, response) => response.writeHead(307, { Location: '/elsewhere' }).end(),
    /failed: HTTP 307$/,
  ],
  ['breaks off', (request) => request.socket.destroy(), /failed: (UND_ERR_SOCKET|ECONNRESET)$/],
];

for (const [name, answer, line] of refusals) {
  test(`a receiver that ${name} is asked once, and it is one line in the log`, async (t) => {
    const log = t.mock.method(console, 'error', () => {});
    const { call, deliveries, url, received } = await startWithReceiver(t, answer);
    assert.equal((await call('PATCH', '/users/bob000000001', { name: 'B' })).status, 200);
    await received('User.Data.Updated');
    await call('DELETE', '/users/bob000000001');
    await received('User.Deleted');
    await until(() => log.mock.callCount() === 2);
    assert.equal(deliveries.length, 2);
    for (const { arguments: words } of log.mock.calls) {
      assert.match(words.join(' '), line);
      assert.ok(words.join(' ').includes(` to ${url} `));
    }
  });
}

test('a request does not wait for a receiver, and a stop does not either', async (t) => {
  const log = t.mock.method(console, 'error', () => {});
  const { call, received, signIn, close } = await startWithReceiver(t, () => {});
  assert.equal((await call('PATCH', '/users/bob000000001', { name: 'B' })).status, 200);
  await signIn('alice');
  await received('PostSignIn');
  await close();
  assert.equal(log.mock.callCount(), 0);
});

test('a receiver that never answers is given up', async (t) => {
  const log = t.mock.method(console, 'error', () => {});
  const { url } = await startReceiver(t, () => {});
  new Webhooks([{ ...demoHook, config: { url } }], 0.05).send('User.Created', {});
  await until(() => log.mock.callCount() === 1);
  assert.match(String(log.mock.calls[0]?.arguments), /failed: no answer within 0\.05 s$/);
});

test('hooks are added, read, changed and removed, and get what they asked for', async (t) => {
  const { call, deliveries: seeded } = await startWithReceiver(t);
  const other = await startReceiver(t);
  const added = await call('POST', '/hooks', {
    name: 'mine',
    events: ['User.Deleted'],
    config: { url: other.url, headers: { 'x-mine': 'yes' } },
  });
  assert.equal(added.status, 201);
  assert.match(added.body.id, /^[\w-]{21}$/);
  assert.ok(added.body.signingKey.length >= 32);
  const path = `/hooks/${added.body.id}`;
  assert.deepEqual((await call('GET', path)).body, added.body);
  assert.equal((await call('GET', '/hooks')).body.length, 2);

  await call('PATCH', '/users/bob000000001', { name: 'B' });
  await call('DELETE', '/users/bob000000001');
  const { headers, rawBody, body } = await other.received('User.Deleted');
  assert.equal(headers['x-mine'], 'yes');
  assert.equal(headers['logto-signature-sha-256'], signatureOf(added.body.signingKey, rawBody));
  assert.equal(body.hookId, added.body.id);
  assert.equal(other.deliveries.length, 1);

  assert.equal((await call('PATCH', path, { enabled: false })).body.enabled, false);
  await call('DELETE', `/hooks/${demoHook.id}`);
  assert.equal((await call('DELETE', path)).status, 204);
  assert.equal((await call('DELETE', path)).status, 404);
  assert.equal((await call('GET', path)).body.code, 'entity.not_exists_with_id');
  await until(() => seeded.length === 2);
});

for (const url of [
  'https://example.com/hook',
  'http://localhost.example.com/',
  'http://127.0.0.1.nip.io/',
  'http://10.0.0.1/',
  'http://0.0.0.0/',
  'http://[::ffff:10.0.0.1]/',
  'ftp://localhost/',
  'localhost',
  '',
]) {
  test(`a hook to ${url || 'nowhere'} is refused`, async (t) => {
    const { call } = await startWithReceiver(t);
    const hook = { name: 'x', events: ['User.Created'], config: { url } };
    const answers = await Promise.all([
      call('POST', '/hooks', hook),
      call('PATCH', `/hooks/${demoHook.id}`, { config: { url } }),
      call('POST', `/hooks/${demoHook.id}/test`, { events: hook.events, config: { url } }),
    ]);
    for (const { status, body } of answers) {
      assert.deepEqual([status, body.code], [400, 'guard.invalid_input']);
    }
    assert.equal((await call('GET', '/hooks')).body.length, 1);
  });
}

test('a hook without events is refused', async (t) => {
  const { call } = await startWithReceiver(t);
  const { status, body } = await call('POST', '/hooks', { config: { url: 'http://localhost:9/' } });
  assert.equal(status, 400);
  assert.deepEqual(body, {
    code: 'hook.missing_events',
    message: 'You need to provide at least one event.',
  });
});

test('a test delivery is as recorded, and its failure is the answer', async (t) => {
  const { call, url, received } = await startWithReceiver(t);
  const path = `/hooks/${demoHook.id}/test`;
  const events = ['User.Created', 'PostSignIn'];
  assert.equal((await call('POST', path, { events, config: { url } })).status, 204);
  const { headers, rawBody, body } = await received('User.Created');
  const recorded = await recordedDelivery('POST /api/hooks/:id/test');
  const { createdAt, ...rest } = body;
  assert.deepEqual(
    { ...rest, createdAt: recorded.createdAt },
    { ...recorded, hookId: demoHook.id },
  );
  assert.ok(Number.isFinite(Date.parse(createdAt)));
  assert.equal(headers['logto-signature-sha-256'], signatureOf(signingKey, rawBody));
  assert.equal((await received('PostSignIn')).body.userId, 'fake-id');

  const failing = await startReceiver(t, (_request, response) => response.writeHead(500).end('{}'));
  const failed = await call('POST', path, { events, config: { url: failing.url } });
  assert.equal(failed.status, 422);
  assert.deepEqual(failed.body, {
    code: 'hook.endpoint_responded_with_error',
    data: { responseStatus: 500, responseBody: '{}' },
    message: 'Endpoint responded with error.',
  });
  const nobody = await call('POST', path, { events, config: { url: 'http://localhost:1/' } });
  assert.deepEqual([nobody.status, nobody.body.code], [422, 'hook.send_test_payload_failed']);
  const unknown = await call('POST', '/hooks/unknown/test', { events, config: { url } });
  assert.equal(unknown.status, 404);
});

/**
 * Waits until a condition holds that another request or a timer brings about.
 *
 * @param {() => boolean} condition
 */
async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
