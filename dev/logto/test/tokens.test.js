import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { fetchMachineToken } from '../src/token.js';
import { acme, api, clientId, globex, startProvider } from '../testing/provider.js';
import { sample, shape } from '../testing/samples.js';

const { issuer, call, signIn, refresh } = await startProvider({ after });
const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));

/** @param {string} token */
async function verified(token) {
  const { protectedHeader: header, payload } = await jwtVerify(token, keys, { issuer });
  return { header, payload };
}

/** @param {string} accessToken */
const userinfo = (accessToken) =>
  fetch(`${issuer}/me`, { headers: { Authorization: `Bearer ${accessToken}` } });

test('an access token for the API resource is as recorded', async () => {
  const { refresh_token } = await signIn('alice');
  const { access_token, ...response } = await refresh(refresh_token, { resource: api });
  const token = await verified(access_token);
  const recorded = await sample('access-token-alice');
  assert.deepEqual(shape(token), shape(recorded));
  assert.deepEqual([token.header.alg, token.header.typ], ['ES384', 'at+jwt']);
  const { iat = 0, exp = 0, jti, ...claims } = token.payload;
  assert.deepEqual(claims, {
    sub: 'alice0000001',
    scope: 'read:reports write:reports',
    client_id: clientId,
    iss: issuer,
    aud: api,
  });
  assert.equal(jti?.length, recorded.payload.jti.length);
  assert.deepEqual([exp - iat, response.expires_in, response.token_type], [3600, 3600, 'Bearer']);
  assert.equal((await userinfo(access_token)).status, 401);
});

test('the tokens of a person without a role and of a machine are as recorded', async () => {
  const { refresh_token } = await signIn('bob');
  const bob = await verified((await refresh(refresh_token, { resource: api })).access_token);
  assert.deepEqual(shape(bob), shape(await sample('access-token-bob')));
  assert.equal(bob.payload.scope, '');

  const machine = await verified(await fetchMachineToken(issuer));
  assert.deepEqual(shape(machine), shape(await sample('access-token-machine')));
  assert.equal(machine.payload.sub, machine.payload.client_id);
});

for (const { name, parameters, audience, claim } of [
  {
    name: 'organization-resource-token',
    parameters: { resource: api },
    audience: api,
    claim: acme,
  },
  { name: 'organization-token', parameters: {}, audience: `urn:logto:organization:${acme}` },
]) {
  test(`${name} is as recorded`, async () => {
    const { refresh_token } = await signIn('alice', { parameters: { nonce: 'n' } });
    const body = await refresh(refresh_token, { ...parameters, organization_id: acme });
    const token = await verified(body.access_token);
    const recorded = await sample(name);
    assert.deepEqual(shape(body), shape(recorded.body));
    assert.deepEqual(shape(token), shape(recorded.accessToken));
    assert.deepEqual(shape(await verified(body.id_token)), shape(recorded.idToken));
    assert.deepEqual([token.payload.aud, token.payload.organization_id], [audience, claim]);
    assert.equal(token.payload.scope, recorded.body.scope);
  });
}

test('an opaque access token, its userinfo and the ID token are as recorded', async () => {
  const { access_token, id_token } = await signIn('alice', { parameters: { nonce: 'n' } });
  assert.match(access_token, /^[\w-]{43}$/);
  const idToken = await verified(id_token);
  assert.deepEqual(shape(idToken), shape(await sample('id-token-alice')));
  assert.equal(idToken.payload.aud, clientId);
  assert.deepEqual(idToken.payload.organization_roles, [
    `${acme}:org-admin`,
    `${globex}:org-viewer`,
  ]);

  const response = await userinfo(access_token);
  const recorded = await sample('userinfo');
  assert.equal(response.status, recorded.status);
  assert.equal(response.headers.get('content-type'), recorded.contentType);
  assert.deepEqual(shape(await response.json()), shape(recorded.body));
});

test('discovery is as recorded, without what is not here', async () => {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  const text = JSON.stringify(await sample('openid-configuration'));
  const recorded = JSON.parse(text.replaceAll('http://localhost:3001/oidc', issuer));
  const absent = new Set([
    'urn:ietf:params:oauth:grant-type:token-exchange',
    ...['address', 'urn:logto:scope:sessions'],
    ...['family_name', 'given_name', 'middle_name', 'nickname', 'preferred_username'],
    ...['website', 'gender', 'birthdate', 'zoneinfo', 'locale'],
  ]);
  for (const name of ['grant_types_supported', 'claims_supported', 'scopes_supported']) {
    recorded[name] = recorded[name].filter(
      (/** @type {string} */ value) =>
        !absent.has(value) && !(name === 'claims_supported' && value === 'profile'),
    );
  }
  assert.deepEqual(await response.json(), recorded);
});

test('the key set is as recorded, and any origin may read it', async () => {
  const response = await fetch(`${issuer}/jwks`, { headers: { Origin: 'http://localhost:5173' } });
  assert.equal(response.headers.get('access-control-allow-origin'), 'http://localhost:5173');
  const keySet = /** @type {{ keys: Record<string, string>[] }} */ (await response.json());
  const recorded = await sample('jwks');
  assert.deepEqual(shape(keySet), shape(recorded));
  for (const name of ['kty', 'use', 'alg', 'crv']) {
    assert.equal(keySet.keys[0]?.[name], recorded.keys[0][name]);
  }
});

test('a token has the scopes that were requested and that the roles of its kind give', async () => {
  /** @type {[string, string[] | undefined, Record<string, string>, string][]} */
  const cases = [
    ['carol', undefined, { resource: api }, 'read:reports read:users write:reports'],
    [
      'carol',
      undefined,
      { resource: api, organization_id: acme },
      'read:reports read:users write:reports',
    ],
    ['carol', undefined, { resource: api, organization_id: globex }, 'read:reports read:users'],
    ['carol', undefined, { organization_id: globex }, 'view:reports'],
    // As in Logto, her own role counts in every organization.
    ['alice', undefined, { resource: api, organization_id: globex }, 'read:reports write:reports'],
    ['alice', ['read:reports', 'read:users'], { resource: api }, 'read:reports'],
    ['alice', [], { resource: api }, ''],
  ];
  for (const [person, requested, parameters, expected] of cases) {
    const scopes = requested && ['openid', 'offline_access', ...requested];
    const { refresh_token } = await signIn(person, scopes && { scopes });
    const { access_token } = await refresh(refresh_token, parameters);
    const { payload } = await verified(access_token);
    const sorted = String(payload.scope).split(' ').sort().join(' ');
    assert.equal(sorted, expected, `${person} ${JSON.stringify(parameters)}`);
  }
});

test('who is not a member gets no organization token, and keeps the refresh token', async () => {
  const { refresh_token } = await signIn('bob');
  for (const parameters of [{ organization_id: acme }, { organization_id: acme, resource: api }]) {
    await assert.rejects(
      refresh(refresh_token, /** @type {Record<string, string>} */ (parameters)),
      /^Error: access_denied: user is not a member of the organization/,
    );
  }
  await refresh(refresh_token);
});

test('a refresh gives nothing that was not asked for at sign-in', async () => {
  /** @type {[Parameters<typeof signIn>[1], Record<string, string>, RegExp][]} */
  const cases = [
    [{ resources: [] }, { resource: api }, /invalid_target/],
    [
      { scopes: ['openid', 'offline_access'] },
      { organization_id: acme },
      /insufficient_scope: refresh token missing required scope/,
    ],
    [{ resources: [api] }, { organization_id: acme }, /invalid_target: request the resource/],
  ];
  for (const [request, parameters, message] of cases) {
    const { refresh_token } = await signIn('alice', request);
    await assert.rejects(refresh(refresh_token, parameters), message);
  }
});

test('the lifetime of access tokens can be changed', async () => {
  const path = '/resources/resourceencoreapp0001';
  assert.equal((await call('PATCH', path, { accessTokenTtl: 5 })).body.accessTokenTtl, 5);
  const { payload } = await verified(await fetchMachineToken(issuer));
  assert.equal(Number(payload.exp) - Number(payload.iat), 5);
  assert.equal((await call('GET', '/resources')).body[0].accessTokenTtl, 5);
});
