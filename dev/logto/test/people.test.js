import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { acme, api, globex, startProvider } from '../testing/provider.js';

const { endpoint, call, signIn, refresh } = await startProvider({ after });

/** @param {string} path Below `/people`. */
const open = async (path) => (await fetch(`${endpoint}/people${path}`)).text();

/**
 * @param {string} path Below `/people`.
 * @param {Record<string, string>} [form]
 * @param {Record<string, string>} [headers]
 */
async function post(path, form = {}, headers = { Origin: endpoint }) {
  const body = new URLSearchParams(form);
  const response = await fetch(`${endpoint}/people${path}`, { method: 'POST', headers, body });
  return { status: response.status, html: await response.text() };
}

/** Somebody new. @param {object} [fields] */
async function add(fields = {}) {
  return (await call('POST', '/users', { name: 'New Person', ...fields })).body;
}

test('people are listed, the newest first', async () => {
  assert.match(await (await fetch(endpoint)).text(), /<a href="\/people">/);
  const html = await open('');
  assert.ok(html.indexOf('carol@example.com') < html.indexOf('alice@example.com'));
  assert.match(html, /report-editor, org-admin in acme, org-viewer in globex/);
  await Promise.all(Array.from({ length: 50 }, () => add()));
  assert.match(await open(''), /Page 1 of 2\s+<a href="\/people\?page=2">Older/);
  assert.match(await open('?page=99'), /Newer<\/a>\s+Page 2 of 2/);
});

test('a person is edited, suspended, unsuspended and deleted', async () => {
  const { id } = await add({ username: 'frank' });
  const read = async () => (await call('GET', `/users/${id}`)).body;
  const form = { name: ' Frank <b>', username: 'frank', primaryEmail: 'frank@example.com' };
  const edited = await post(`/${id}`, form);
  assert.match(edited.html, /role="status">Saved\.</);
  assert.match(edited.html, /<h1>Frank &#60;b&#62;<\/h1>/);
  const { updatedAt, ...user } = await read();
  assert.deepEqual([user.name, user.primaryEmail], ['Frank <b>', 'frank@example.com']);

  assert.match((await post(`/${id}`, form)).html, /Saved\./);
  assert.equal((await read()).updatedAt, updatedAt, 'a form without changes is no change');

  assert.match((await post(`/${id}/suspend`)).html, /Suspended\. Their sessions have ended\./);
  assert.equal((await read()).isSuspended, true);
  assert.match((await post(`/${id}/unsuspend`)).html, /No longer suspended\./);
  assert.equal((await read()).isSuspended, false);
  assert.match((await post(`/${id}/delete`)).html, /Deleted\./);
  for (const path of ['', '/roles', '/suspend', '/delete']) {
    const { status, html } = await post(`/${id}${path}`);
    assert.equal(status, 404);
    assert.match(html, /No such person/);
  }
});

test('roles are given and taken away', async () => {
  const path = '/bob000000001/roles';
  const scopes = async (/** @type {string} */ organization) => {
    const { refresh_token } = await signIn('bob');
    const parameters = { resource: api, ...(organization && { organization_id: organization }) };
    return (await refresh(refresh_token, parameters)).scope;
  };
  const given = await post(path, {
    role: 'roleuseradmin00000001',
    [`organization-${acme}`]: 'member org-viewer',
  });
  assert.match(given.html, /value="roleuseradmin00000001" checked/);
  assert.match(given.html, /acme<\/th><td>read:users, read:reports</);
  assert.equal(await scopes(''), 'read:users read:reports');
  assert.equal(await scopes(acme), 'read:users read:reports');
  await assert.rejects(scopes(globex), /access_denied/);

  await post(path, { [`organization-${acme}`]: 'member org-admin' });
  assert.equal(await scopes(acme), 'read:reports write:reports');
  const taken = await post(path, { [`organization-${acme}`]: 'none' });
  assert.match(taken.html, /Their own<\/th><td>none</);
  await assert.rejects(scopes(acme), /access_denied/);

  await post(path, { role: 'rolemanagementapi0001', [`organization-${acme}`]: 'member unknown' });
  assert.match(await open('?page=2'), /bob@example\.com<\/td>\s*<td>none</);
});

/** @type {[string, Record<string, string>, RegExp][]} */
const mistakes = [
  ['a taken username', { username: 'alice' }, /This username is already in use\./],
  ['a taken address', { primaryEmail: 'Alice@example.com' }, /associated with an existing account/],
  ['a short username', { username: 'b' }, /at least 3 characters/],
  ['a bad address', { primaryEmail: 'nowhere' }, /This is not an email address/],
  ['a long name', { name: 'n'.repeat(129) }, /at most 128 characters/],
];
for (const [name, change, message] of mistakes) {
  test(`the page rejects ${name}, and nothing typed is lost`, async () => {
    const before = (await call('GET', '/users/carol0000001')).body;
    const form = { name: 'C', username: 'carol', primaryEmail: 'c@example.com', ...change };
    const { status, html } = await post('/carol0000001', form);
    assert.equal(status, 422);
    assert.match(html, message);
    for (const value of Object.values(form)) assert.ok(html.includes(`value="${value}"`));
    assert.deepEqual((await call('GET', '/users/carol0000001')).body, before);
  });
}

test('a form from another site is rejected', async () => {
  const before = (await call('GET', '/users/carol0000001')).body;
  /** @type {Record<string, string>[]} */
  const origins = [
    { Origin: 'https://evil.example.com' },
    { Origin: 'http://localhost:5173' },
    { Origin: 'null' },
    {},
  ];
  for (const headers of origins) {
    for (const path of ['', '/roles', '/suspend', '/unsuspend', '/sign-out', '/delete']) {
      const { status } = await post(`/carol0000001${path}`, { name: 'X' }, headers);
      assert.equal(status, 403, `${JSON.stringify(headers)} ${path}`);
    }
  }
  assert.deepEqual((await call('GET', '/users/carol0000001')).body, before);
});
