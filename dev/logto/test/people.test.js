import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { management } from '../testing/management.js';
import { webhookEvents } from '../src/webhooks.js';
import { acme, api, globex, seed, startProvider } from '../testing/provider.js';
import { startReceiver } from '../testing/receiver.js';

/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
});

after(() => browser.close());

/**
 * A page of Chromium's at the provider's start page. The test fails if Chromium complains.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} endpoint
 */
async function visit(t, endpoint) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  page.on('console', (message) => assert.fail(message.text()));
  page.on('pageerror', (error) => assert.fail(error));
  await page.goto(endpoint);
  return page;
}

/** What the table says, row by row. @param {import('playwright-core').Page} page */
async function rowsOf(page) {
  const rows = await page.getByRole('row').all();
  return Promise.all(rows.slice(1).map((row) => row.getByRole('cell').allInnerTexts()));
}

test('people are listed from the start page on, the newest first', async (t) => {
  const { endpoint } = await startProvider(t);
  const page = await visit(t, endpoint);
  await page.getByRole('link', { name: 'People' }).click();
  assert.deepEqual(await rowsOf(page), [
    ['Carol Example', 'carol@example.com', 'user-admin', 'Active'],
    ['Bob Example', 'bob@example.com', 'none', 'Active'],
    [
      'Alice Example',
      'alice@example.com',
      'report-editor, org-admin in acme, org-viewer in globex',
      'Active',
    ],
  ]);
});

test('a person is edited, suspended, let in again and deleted, and webhooks tell of it', async (t) => {
  const receiver = await startReceiver(t);
  const hooks = seed.hooks.concat({
    id: 'test',
    name: 'test',
    events: ['User.Data.Updated', 'User.SuspensionStatus.Updated', 'User.Deleted'],
    config: { url: receiver.url },
    signingKey: 'key',
    enabled: true,
    createdAt: 0,
  });
  const { endpoint, signIn } = await startProvider(t, { seed: { ...seed, hooks } });
  const page = await visit(t, `${endpoint}/people`);
  const told = async (/** @type {string} */ event) => {
    const { body } = await receiver.received(event);
    receiver.deliveries.length = 0;
    return body;
  };
  const status = page.getByRole('status');

  await page.getByRole('link', { name: 'Bob Example' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Robert');
  await page.getByLabel('Email').fill('robert@example.com');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  assert.equal(await status.innerText(), 'Saved.');
  const edited = await told('User.Data.Updated');
  assert.equal(edited.path, '/users/bob000000001');
  assert.match(edited.userAgent, /Chrome/);
  assert.deepEqual(
    [edited.data.name, edited.data.primaryEmail, edited.data.username],
    ['Robert', 'robert@example.com', 'bob'],
  );

  await page.getByRole('button', { name: 'Suspend' }).click();
  assert.equal(await status.innerText(), 'Suspended. Their sessions have ended.');
  assert.equal((await told('User.SuspensionStatus.Updated')).data.isSuspended, true);
  await assert.rejects(signIn('bob'), /This account is suspended/);

  await page.getByRole('button', { name: 'Unsuspend' }).click();
  assert.equal(await status.innerText(), 'No longer suspended.');
  assert.equal((await told('User.SuspensionStatus.Updated')).data.isSuspended, false);
  await signIn('robert@example.com');

  await page.getByRole('button', { name: 'Delete for good' }).click();
  assert.equal(await status.innerText(), 'Deleted.');
  assert.equal((await told('User.Deleted')).data.id, 'bob000000001');
  assert.deepEqual(
    (await rowsOf(page)).map(([name]) => name),
    ['Carol Example', 'Alice Example'],
  );
});

test('signing out everywhere ends refresh tokens, and the person may come back', async (t) => {
  const { endpoint, signIn, refresh } = await startProvider(t);
  const { refresh_token } = await signIn('bob');
  const page = await visit(t, `${endpoint}/people/bob000000001`);
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  assert.equal(await page.getByRole('status').innerText(), 'Signed out everywhere.');
  await assert.rejects(refresh(refresh_token), /invalid_grant/);
  await signIn('bob');
});

/** What a person's tokens permit, by the page's table. @param {import('playwright-core').Page} page */
async function permissionsOf(page) {
  const rows = await page.getByRole('row').all();
  const cells = rows.slice(1).map((row) => row.locator('th, td').allInnerTexts());
  return Object.fromEntries(await Promise.all(cells));
}

/** @param {import('playwright-core').Page} page */
async function saveRoles(page) {
  const loaded = page.waitForEvent('load');
  await page.getByRole('button', { name: 'Save roles' }).click();
  await loaded;
  await page.getByRole('status').getByText('Roles saved.').waitFor();
}

test('roles are given and taken away by keyboard, and the tokens have them', async (t) => {
  const receiver = await startReceiver(t);
  const hooks = seed.hooks.concat({
    ...{ id: 'test', name: 'test', config: { url: receiver.url }, signingKey: 'key' },
    ...{ events: [...webhookEvents], enabled: true, createdAt: 0 },
  });
  const { endpoint, signIn, refresh } = await startProvider(t, { seed: { ...seed, hooks } });
  const page = await visit(t, `${endpoint}/people/bob000000001`);
  const { keyboard } = page;
  const scopesIn = async (/** @type {string} */ organization) => {
    const { refresh_token } = await signIn('bob');
    const parameters = { resource: api, ...(organization && { organization_id: organization }) };
    return (await refresh(refresh_token, parameters)).scope;
  };
  assert.deepEqual(await permissionsOf(page), { 'Their own': 'none' });

  await page.getByLabel('report-editor').focus();
  await keyboard.press('Tab');
  await keyboard.press('Space');
  await keyboard.press('Tab');
  await keyboard.type('org-viewer');
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await page.getByRole('status').getByText('Roles saved.').waitFor();
  assert.deepEqual(await permissionsOf(page), {
    'Their own': 'read:users, read:reports',
    acme: 'read:users, read:reports',
  });
  assert.equal(await page.getByLabel('user-admin').isChecked(), true);
  assert.equal(await page.getByLabel('report-editor').isChecked(), false);
  assert.equal(await scopesIn(''), 'read:users read:reports');
  assert.equal(await scopesIn(acme), 'read:users read:reports');
  await assert.rejects(scopesIn(globex), /access_denied/);
  const { body } = await receiver.received('Organization.Membership.Updated');
  assert.deepEqual([body.organizationId, body.method], [acme, 'POST']);
  receiver.deliveries.length = 0;

  await page.getByLabel('user-admin').uncheck();
  await page.getByLabel('In acme').selectOption('org-admin');
  await saveRoles(page);
  assert.equal(await scopesIn(acme), 'read:reports write:reports');

  await page.getByLabel('In acme').selectOption('Not a member');
  await saveRoles(page);
  assert.equal((await receiver.received('Organization.Membership.Updated')).body.method, 'DELETE');
  assert.deepEqual(await permissionsOf(page), { 'Their own': 'none' });
  await assert.rejects(scopesIn(acme), /access_denied/);
});

test('several roles in an organization stay together unless another choice is made', async (t) => {
  const provider = await startProvider(t);
  const call = await management(provider);
  const members = `/organizations/${globex}/users`;
  await call('POST', `${members}/alice0000001/roles`, {
    organizationRoleIds: ['orgroleadmin000000001'],
  });
  const page = await visit(t, `${provider.endpoint}/people/alice0000001`);
  for (const before of ['org-viewer and org-admin', 'org-viewer']) {
    const select = page.getByLabel('In globex');
    assert.equal(await select.locator('option:checked').innerText(), before);
    await saveRoles(page);
    assert.equal(await select.locator('option:checked').innerText(), before);
    await select.selectOption('org-viewer');
    await saveRoles(page);
  }
});

test('no form makes a person a machine, nor a member with a role that is not there', async (t) => {
  const provider = await startProvider(t);
  const form = {
    role: 'rolemanagementapi0001',
    [`organization-${acme}`]: 'member no-such-role',
    'organization-none': 'member org-admin',
  };
  assert.equal((await post(provider, 'bob000000001/roles', form)).status, 303);
  const html = await (await fetch(`${provider.endpoint}/people/bob000000001`)).text();
  assert.doesNotMatch(html, /management-api/);
  await assert.rejects(
    provider
      .signIn('bob')
      .then(({ refresh_token }) =>
        provider.refresh(refresh_token, { resource: api, organization_id: acme }),
      ),
    /access_denied/,
  );
});

/**
 * Posts a form of the page without a browser.
 *
 * @param {{ endpoint: string }} provider
 * @param {string} path
 * @param {Record<string, string>} [form]
 * @param {Record<string, string>} [headers]
 */
function post({ endpoint }, path, form = {}, headers = { Origin: endpoint }) {
  return fetch(`${endpoint}/people/${path}`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(form),
    redirect: 'manual',
  });
}

/** @type {[string, Record<string, string>, RegExp][]} */
const mistakes = [
  ['a taken username', { username: 'alice' }, /This username is already in use\./],
  ['a taken address', { primaryEmail: 'Alice@example.com' }, /associated with an existing account/],
  ['a short username', { username: 'b' }, /at least 3 characters/],
  ['a bad address', { primaryEmail: 'nowhere' }, /This is not an email address/],
  ['a long name', { name: 'n'.repeat(129) }, /at most 128 characters/],
];

for (const [name, change, message] of mistakes) {
  test(`${name} is refused on the page, and nothing typed is lost`, async (t) => {
    const provider = await startProvider(t);
    const call = await management(provider);
    const before = (await call('GET', '/users/bob000000001')).body;
    const form = {
      name: 'Bob Example',
      username: 'bob',
      primaryEmail: 'bob@example.com',
      ...change,
    };
    const response = await post(provider, 'bob000000001', form);
    const html = await response.text();
    assert.equal(response.status, 422);
    assert.match(html, message);
    assert.match(html, /<title>Error: /);
    for (const value of Object.values(form)) assert.ok(html.includes(`value="${value}"`));
    assert.deepEqual((await call('GET', '/users/bob000000001')).body, before);
  });
}

test('what a person is called is shown as text, never as markup', async (t) => {
  const provider = await startProvider(t);
  const call = await management(provider);
  await call('PATCH', '/users/bob000000001', { name: '<script>alert(1)</script>"\'' });
  for (const path of ['/people', '/people/bob000000001']) {
    const html = await (await fetch(provider.endpoint + path)).text();
    assert.doesNotMatch(html, /<script/);
    assert.match(html, /&#60;script&#62;/);
  }
});

test('a form that changes nothing is no change', async (t) => {
  const provider = await startProvider(t);
  const call = await management(provider);
  const before = (await call('GET', '/users/bob000000001')).body;
  const form = { name: 'Bob Example', username: 'bob', primaryEmail: 'bob@example.com' };
  assert.equal((await post(provider, 'bob000000001', form)).status, 303);
  assert.deepEqual((await call('GET', '/users/bob000000001')).body, before);
});

for (const [name, headers] of /** @type {[string, Record<string, string>][]} */ ([
  ['another site', { Origin: 'https://evil.example.com' }],
  ['another port of this machine', { Origin: 'http://localhost:5173' }],
  ['a sandboxed page', { Origin: 'null' }],
  ['nowhere', {}],
])) {
  test(`a form from ${name} is refused`, async (t) => {
    const provider = await startProvider(t);
    for (const path of ['', '/roles', '/suspend', '/unsuspend', '/sign-out', '/delete']) {
      const response = await post(provider, `bob000000001${path}`, { name: 'X' }, headers);
      assert.equal(response.status, 403, path);
    }
    const { body } = await (await management(provider))('GET', '/users/bob000000001');
    assert.deepEqual([body.name, body.isSuspended], ['Bob Example', false]);
  });
}

test('a person who is gone is said to be', async (t) => {
  const provider = await startProvider(t);
  const paths = ['nobody', 'nobody/roles', 'nobody/suspend', 'nobody/delete'];
  const responses = [
    await fetch(`${provider.endpoint}/people/nobody`),
    ...(await Promise.all(paths.map((path) => post(provider, path)))),
  ];
  for (const response of responses) {
    assert.equal(response.status, 404);
    assert.match(await response.text(), /No such person/);
  }
});

test('many people are on several pages', async (t) => {
  const provider = await startProvider(t);
  const call = await management(provider);
  await Promise.all(Array.from({ length: 60 }, () => call('POST', '/users', {})));
  const page = await visit(t, `${provider.endpoint}/people`);
  assert.equal((await rowsOf(page)).length, 50);
  await page.getByRole('link', { name: 'Older' }).click();
  assert.equal((await rowsOf(page)).length, 13);
  await page.getByRole('link', { name: 'Newer' }).click();
  assert.equal((await rowsOf(page)).length, 50);
  await page.goto(`${provider.endpoint}/people?page=99`);
  assert.equal((await rowsOf(page)).length, 13);
});

test('the pages allow no script and no frame', async (t) => {
  const { endpoint } = await startProvider(t);
  for (const path of ['/', '/people', '/people/bob000000001']) {
    const { headers } = await fetch(endpoint + path);
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'none'/);
    assert.match(policy, /form-action 'self';/);
    assert.match(policy, /frame-ancestors 'none'/);
  }
});
