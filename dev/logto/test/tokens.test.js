import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Lifetimes } from '../src/lifetimes.js';
import { fetchMachineToken } from '../src/token.js';
import { acme, api, globex, seed, startProvider } from '../testing/provider.js';
import { sample, shape } from '../testing/shape.js';

/**
 * The verified header and payload.
 *
 * @param {string} issuer
 * @param {string} token
 */
async function verified(issuer, token) {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const { protectedHeader, payload } = await jwtVerify(token, keys, { issuer });
  return { header: protectedHeader, payload };
}

test('an access token for the API resource has the header and the claims of Logto', async (t) => {
  const { issuer, signIn, refresh } = await startProvider(t);
  const { refresh_token } = await signIn('alice');
  const response = await refresh(refresh_token, { resource: api });
  const token = await verified(issuer, response.access_token);

  const recorded = await sample('access-token-alice');
  assert.deepEqual(shape(token), shape(recorded));
  assert.equal(token.header.alg, recorded.header.alg);
  assert.equal(token.header.typ, recorded.header.typ);
  const { iat = 0, exp = 0, jti, ...claims } = token.payload;
  assert.deepEqual(claims, {
    sub: 'alice0000001',
    scope: 'read:reports write:reports',
    client_id: 'spa1localencore2logto',
    iss: issuer,
    aud: api,
  });
  assert.equal(exp - iat, 3600);
  assert.equal(jti?.length, recorded.payload.jti.length);
  assert.equal(response.expires_in, 3600);
  assert.equal(response.token_type, 'Bearer');
});

test('the lifetime of access tokens can be shortened', async (t) => {
  const { issuer, signIn, refresh } = await startProvider(t, {
    lifetimes: new Lifetimes({ accessToken: 5 }),
  });
  const { refresh_token, expires_in } = await signIn('alice');
  assert.equal(expires_in, 5);
  const token = await verified(
    issuer,
    (await refresh(refresh_token, { resource: api })).access_token,
  );
  assert.equal(Number(token.payload.exp) - Number(token.payload.iat), 5);
});

test('a person without the role gets a token with an empty scope', async (t) => {
  const { issuer, signIn, refresh } = await startProvider(t);
  const { refresh_token } = await signIn('bob');
  const token = await verified(
    issuer,
    (await refresh(refresh_token, { resource: api })).access_token,
  );
  assert.deepEqual(shape(token), shape(await sample('access-token-bob')));
  assert.equal(token.payload.scope, '');
});

test('roles bound the scopes, and so does the request', async (t) => {
  const { issuer, signIn, refresh } = await startProvider(t);
  const scopeOf = async (/** @type {string} */ person, /** @type {string[]} */ scopes) => {
    const { refresh_token } = await signIn(person, {
      scopes: ['openid', 'offline_access', ...scopes],
    });
    const { access_token } = await refresh(refresh_token, { resource: api });
    return (await verified(issuer, access_token)).payload.scope;
  };
  assert.equal(
    await scopeOf('carol', ['read:reports', 'write:reports', 'read:users']),
    'read:users',
  );
  assert.equal(await scopeOf('alice', ['read:reports', 'read:users']), 'read:reports');
  assert.equal(await scopeOf('alice', []), '');
});

test("a machine's token has the client for its subject and no scope", async (t) => {
  const { issuer } = await startProvider(t);
  const token = await verified(issuer, await fetchMachineToken(issuer));
  assert.deepEqual(shape(token), shape(await sample('access-token-machine')));
  assert.equal(token.payload.sub, token.payload.client_id);
});

test('an organization token for a resource names the organization in a claim', async (t) => {
  const { issuer, signIn, refresh } = await startProvider(t);
  const { refresh_token } = await signIn('alice', { parameters: { nonce: 'n' } });
  const body = await refresh(refresh_token, { resource: api, organization_id: acme });
  const token = await verified(issuer, body.access_token);
  const idToken = await verified(issuer, body.id_token);

  const recorded = await sample('organization-resource-token');
  assert.deepEqual(shape(body), shape(recorded.body));
  assert.deepEqual(shape(token), shape(recorded.accessToken));
  assert.deepEqual(shape(idToken), shape(recorded.idToken));
  assert.equal(token.payload.organization_id, acme);
  assert.equal(token.payload.aud, api);
  assert.equal(token.payload.scope, 'read:reports write:reports');
});

test('an organization token without a resource has the organization for its audience', async (t) => {
  const { issuer, signIn, refresh } = await startProvider(t);
  const { refresh_token } = await signIn('alice', { parameters: { nonce: 'n' } });
  const body = await refresh(refresh_token, { organization_id: acme });
  const token = await verified(issuer, body.access_token);

  const recorded = await sample('organization-token');
  assert.deepEqual(shape(body), shape(recorded.body));
  assert.deepEqual(shape(token), shape(recorded.accessToken));
  assert.equal(token.payload.aud, `urn:logto:organization:${acme}`);
  assert.equal(token.payload.scope, 'view:reports manage:reports');
});

test('roles of a person and of their organizations add up, each token to its own', async (t) => {
  // Carol has read:users of her own; acme's admin role adds the reports, globex's viewer role reading.
  const people = seed.people.map((person) =>
    person.username === 'carol'
      ? {
          ...person,
          organizations: [
            { id: acme, roles: ['org-admin'] },
            { id: globex, roles: ['org-viewer'] },
          ],
        }
      : person,
  );
  const { issuer, signIn, refresh } = await startProvider(t, { seed: { ...seed, people } });
  let { refresh_token } = await signIn('carol');
  const scopesOf = async (/** @type {Record<string, string>} */ parameters) => {
    const tokens = await refresh(refresh_token, parameters);
    ({ refresh_token } = tokens);
    const { payload } = await verified(issuer, tokens.access_token);
    assert.equal(payload.scope, tokens.scope);
    return String(payload.scope).split(' ').sort();
  };
  const all = ['read:reports', 'read:users', 'write:reports'];
  assert.deepEqual(await scopesOf({ resource: api }), all);
  assert.deepEqual(await scopesOf({ resource: api, organization_id: acme }), all);
  assert.deepEqual(await scopesOf({ resource: api, organization_id: globex }), [
    'read:reports',
    'read:users',
  ]);
  assert.deepEqual(await scopesOf({ organization_id: acme }), ['manage:reports', 'view:reports']);
  assert.deepEqual(await scopesOf({ organization_id: globex }), ['view:reports']);
});

test('a role of their own holds in an organization where somebody only reads', async (t) => {
  const { issuer, signIn, refresh } = await startProvider(t);
  const { refresh_token } = await signIn('alice');
  const { access_token } = await refresh(refresh_token, { resource: api, organization_id: globex });
  const { payload } = await verified(issuer, access_token);
  assert.equal(payload.organization_id, globex);
  assert.equal(payload.scope, 'read:reports write:reports');
});

test("a machine's organization tokens have what its role there grants, and no more", async (t) => {
  const { issuer } = await startProvider(t);
  const forTheApi = await verified(issuer, await fetchMachineToken(issuer, api, acme, seed));
  const { iat, exp, jti, ...claims } = forTheApi.payload;
  assert.deepEqual(claims, {
    sub: 'm2m1localencore2logto',
    client_id: 'm2m1localencore2logto',
    organization_id: acme,
    scope: 'read:reports',
    iss: issuer,
    aud: api,
  });
  assert.equal(Number(exp) - Number(iat), 3600);
  assert.equal(typeof jti, 'string');

  const { payload } = await verified(issuer, await fetchMachineToken(issuer, '', acme, seed));
  assert.equal(payload.aud, `urn:logto:organization:${acme}`);
  assert.equal(payload.scope, 'view:reports');
  assert.equal('organization_id' in payload, false);
});

test('without a resource the access token is opaque and good for userinfo', async (t) => {
  const { issuer, signIn } = await startProvider(t);
  const { access_token, refresh_token } = await signIn('alice');
  assert.match(access_token, /^[\w-]{43}$/);
  assert.match(refresh_token, /^[\w-]{43}$/);

  const response = await fetch(`${issuer}/me`, {
    headers: { Authorization: `Bearer ${access_token}` },
  });
  const body = await response.json();
  const recorded = await sample('userinfo');
  assert.equal(response.status, recorded.status);
  assert.equal(response.headers.get('content-type'), recorded.contentType);
  assert.deepEqual(shape(body), shape(recorded.body));
  assert.deepEqual(/** @type {any} */ (body).organization_data, [
    { id: acme, name: 'acme', description: 'Acme Inc' },
    { id: globex, name: 'globex', description: 'Globex Corporation' },
  ]);
});

test('a token for the API resource is not good for userinfo', async (t) => {
  const { issuer, signIn, refresh } = await startProvider(t);
  const { refresh_token } = await signIn('alice');
  const { access_token } = await refresh(refresh_token, { resource: api });
  const response = await fetch(`${issuer}/me`, {
    headers: { Authorization: `Bearer ${access_token}` },
  });
  assert.equal(response.status, 401);
});

test('the ID token has the claims of Logto, absent values as null', async (t) => {
  const { issuer, signIn } = await startProvider(t);
  const { id_token } = await signIn('alice', { parameters: { nonce: 'n' } });
  const token = await verified(issuer, id_token);
  assert.deepEqual(shape(token), shape(await sample('id-token-alice')));
  assert.equal(token.payload.aud, 'spa1localencore2logto');
  assert.deepEqual(token.payload.organization_roles, [`${acme}:org-admin`, `${globex}:org-viewer`]);
});

test('the phone, custom_data and identities scopes have their claims', async (t) => {
  const { issuer, signIn } = await startProvider(t);
  const { access_token } = await signIn('bob', {
    scopes: ['openid', 'phone', 'custom_data', 'identities'],
  });
  const response = await fetch(`${issuer}/me`, {
    headers: { Authorization: `Bearer ${access_token}` },
  });
  assert.deepEqual(await response.json(), {
    sub: 'bob000000001',
    phone_number: null,
    phone_number_verified: false,
    custom_data: {},
    identities: {},
    sso_identities: [],
  });
});

test('the key set has one public P-384 key', async (t) => {
  const { issuer } = await startProvider(t);
  const keySet = await (await fetch(`${issuer}/jwks`)).json();
  const recorded = await sample('jwks');
  assert.deepEqual(shape(keySet), shape(recorded));
  const [key] = /** @type {{ keys: Record<string, string>[] }} */ (keySet).keys;
  for (const name of ['kty', 'use', 'alg', 'crv'])
    assert.equal(key?.[name], recorded.keys[0][name]);
  assert.equal(key?.kid?.length, recorded.keys[0].kid.length);
});

test('discovery says what Logto says, less what is not here', async (t) => {
  const { issuer } = await startProvider(t);
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  const document = await response.json();

  const recorded = JSON.parse(
    JSON.stringify(await sample('openid-configuration')).replaceAll(
      'http://localhost:3001/oidc',
      issuer,
    ),
  );
  const absent = new Set([
    'urn:ietf:params:oauth:grant-type:token-exchange',
    // Scopes and claims of a profile that can't be edited here.
    'address',
    'urn:logto:scope:sessions',
    ...['family_name', 'given_name', 'middle_name', 'nickname', 'preferred_username'],
    ...['profile', 'website', 'gender', 'birthdate', 'zoneinfo', 'locale'],
  ]);
  for (const name of ['grant_types_supported', 'claims_supported']) {
    recorded[name] = recorded[name].filter((/** @type {string} */ value) => !absent.has(value));
  }
  recorded.scopes_supported = recorded.scopes_supported.filter(
    (/** @type {string} */ value) => value === 'profile' || !absent.has(value),
  );
  assert.deepEqual(document, recorded);
});
