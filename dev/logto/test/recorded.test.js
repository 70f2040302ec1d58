// Requests that fail, and what Logto answered to them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { managementApi } from '../src/seed.js';
import {
  acme,
  api,
  authorizationRequest,
  callback,
  clientId,
  startProvider,
  verifier,
} from '../testing/provider.js';
import { sample } from '../testing/samples.js';

const { issuer, endpoint, call, signIn, refresh } = await startProvider({ after });
const recordings = JSON.parse(
  JSON.stringify(await sample('error-shapes'))
    .replaceAll('http://localhost:3001/oidc', issuer)
    .replaceAll(encodeURIComponent('http://localhost:3001/oidc'), encodeURIComponent(issuer))
    .replaceAll('1zsrd4n5846e9fu0utplo', clientId),
);

const spaOrigin = 'http://localhost:5173';
const otherOrigin = 'http://evil.localhost:9';
const comparedHeaders = [
  'content-type',
  'location',
  'cache-control',
  'access-control-allow-origin',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-expose-headers',
];

/** @param {Record<string, string>} parameters */
const authorize = (parameters) =>
  fetch(authorizationRequest(issuer, parameters), {
    redirect: 'manual',
    headers: { Accept: 'application/json' },
  });

/** @param {string} origin */
const preflight = (origin) =>
  fetch(`${issuer}/token`, {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type',
    },
  });

/** @param {string} origin */
const exchange = (origin) =>
  fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { Origin: origin },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: callback,
      code: 'unknown',
      code_verifier: verifier,
    }),
  });

const signOut = () => {
  const parameters = { client_id: clientId, post_logout_redirect_uri: 'http://localhost:9/x' };
  return fetch(`${issuer}/session/end?${new URLSearchParams(parameters)}`);
};

/** @type {Record<string, () => Promise<Response>>} */
const requests = {
  'auth: unregistered redirect_uri': () =>
    authorize({ redirect_uri: 'http://localhost:9/elsewhere' }),
  'auth: unknown client': () => authorize({ client_id: 'nope' }),
  'auth: no PKCE': () => authorize({ code_challenge: '', code_challenge_method: '' }),
  'auth: unknown resource': () => authorize({ resource: 'https://unknown.example.com' }),
  'auth: prompt=none without session': () => authorize({ prompt: 'none' }),
  'auth: ok redirect': () => authorize({}),
  'CORS preflight token from 5173': () => preflight(spaOrigin),
  'CORS preflight token from evil': () => preflight(otherOrigin),
  'CORS token POST from 5173': () => exchange(spaOrigin),
  'CORS token POST from evil': () => exchange(otherOrigin),
  'end_session bad redirect': signOut,
};

for (const [name, request] of Object.entries(requests)) {
  test(name, async () => {
    const response = await request();
    const { status, headers = {}, body } = recordings[name];
    assert.equal(response.status, status);
    for (const header of comparedHeaders) {
      if (header in headers) assert.equal(response.headers.get(header), headers[header], header);
    }
    if (!('access-control-allow-origin' in headers)) {
      assert.equal(response.headers.get('access-control-allow-origin'), null);
    }
    const text = await response.text();
    assert.deepEqual(typeof body === 'object' ? JSON.parse(text) : text, body);
  });
}

/** @type {[string, string, string, unknown][]} */
const calls = [
  ['mgmt: user not found', 'GET', '/users/nobody', undefined],
  ['mgmt: username taken', 'POST', '/users', { username: 'alice' }],
  ['mgmt: username taken', 'PATCH', '/users/bob000000001', { username: 'alice' }],
  ['mgmt: email taken', 'POST', '/users', { primaryEmail: 'ALICE@example.com' }],
  ['mgmt: bad body', 'POST', '/users', { username: 5 }],
  ['mgmt: unknown route', 'GET', '/nothing-here', undefined],
];

for (const [name, method, path, body] of calls) {
  test(`${name}: ${method} ${path}`, async () => {
    const answer = await call(method, path, body);
    assert.equal(answer.status, recordings[name].status);
    assert.deepEqual(answer.body, recordings[name].body);
  });
}

test('mgmt: tokens that are not for the Management API', async () => {
  const machine = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: {
      Authorization: `Basic ${btoa('m2m1localencore2logto:local-development-only-not-a-secret')}`,
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: managementApi }),
  });
  const withoutScope = /** @type {any} */ (await machine.json()).access_token;
  const { refresh_token } = await signIn('alice');
  const { access_token: forTheApi } = await refresh(refresh_token, { resource: api });
  for (const [name, token] of Object.entries({
    'mgmt: no token': undefined,
    'mgmt: garbage token': 'garbage',
    'mgmt: user token for another audience': forTheApi,
    'mgmt: m2m token without scope all': withoutScope,
  })) {
    const response = await fetch(`${endpoint}/api/users`, {
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    });
    const { status, body } = recordings[name];
    const answer = /** @type {any} */ (await response.json());
    assert.equal(response.status, status, name);
    // The answer contains the payload of the token.
    if (answer.data?.payload) body.data.payload = answer.data.payload;
    assert.deepEqual(answer, body, name);
  }
});

test('mgmt: roles and organizations that can not be given', async () => {
  const bob = 'bob000000001';
  const inAcme = `/organizations/${acme}/users/${bob}`;
  const role = { organizationRoleIds: ['orgroleviewer00000001'] };
  const noReference = 'entity.relation_foreign_key_not_found';
  /** @type {[string, string, unknown, string][]} */
  const cases = [
    ['POST', `/users/${bob}/roles`, { roleIds: ['x'] }, 'entity.not_exists_with_id'],
    ['POST', '/users/nobody/roles', { roleIds: [] }, 'entity.not_found'],
    [
      'POST',
      `/users/${bob}/roles`,
      { roleIds: ['rolemanagementapi0001'] },
      'user.invalid_role_type',
    ],
    ['DELETE', `/users/${bob}/roles/x`, undefined, 'entity.not_found'],
    ['POST', '/organizations/x/users', { userIds: [bob] }, noReference],
    ['POST', `${inAcme}/roles`, role, 'organization.require_membership'],
    ['DELETE', inAcme, undefined, 'entity.not_found'],
  ];
  for (const [method, path, body, code] of cases) {
    const answer = await call(method, path, body);
    assert.equal(answer.body.code, code, `${method} ${path}`);
  }
});
