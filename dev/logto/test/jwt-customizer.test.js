import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { managementApi } from '../src/seed.js';
import { fetchMachineToken } from '../src/token.js';
import { acme, api, startProvider } from '../testing/provider.js';
import { sample } from '../testing/shape.js';

const userScript = `const getCustomJwtClaims = async ({ token, context, environmentVariables }) => ({
  email: context.user.primaryEmail,
  name: context.user.name,
  roles: context.user.roles.map(({ name }) => name),
  plan: environmentVariables.PLAN,
});`;

/**
 * @param {import('node:test').TestContext} t
 * @param {Parameters<typeof startProvider>[1]} [options]
 */
async function startWithManagement(t, options) {
  const provider = await startProvider(t, options);
  const address = `${provider.endpoint}/api/configs/jwt-customizer/access-token`;
  const token = await fetchMachineToken(provider.issuer, managementApi);
  return {
    ...provider,
    address,

    /**
     * @param {string} method
     * @param {unknown} [body]
     */
    manage: (method, body) =>
      fetch(address, {
        method,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
      }),

    /** @param {Record<string, string>} [parameters] */
    async accessTokenClaims(parameters = {}) {
      const { refresh_token } = await provider.signIn('alice');
      const { access_token } = await provider.refresh(refresh_token, {
        resource: api,
        ...parameters,
      });
      return decodeJwt(access_token);
    },
  };
}

test('a script adds claims at the top level, until it is removed', async (t) => {
  const { manage, accessTokenClaims } = await startWithManagement(t);
  assert.equal((await manage('GET')).status, 404);

  const customizer = { script: userScript, environmentVariables: { PLAN: 'pro' } };
  const created = await manage('PUT', customizer);
  assert.equal(created.status, 201);
  assert.deepEqual(await created.json(), customizer);
  assert.deepEqual(await (await manage('GET')).json(), customizer);
  assert.equal((await manage('PUT', customizer)).status, 200);

  const { email, name, roles, plan, ...rest } = await accessTokenClaims();
  assert.deepEqual(
    { email, name, roles, plan },
    { email: 'alice@example.com', name: 'Alice Example', roles: ['report-editor'], plan: 'pro' },
  );
  const recorded = await sample('access-token-alice');
  assert.deepEqual(Object.keys(rest).sort(), Object.keys(recorded.payload).sort());

  assert.equal((await manage('DELETE')).status, 204);
  assert.equal((await manage('DELETE')).status, 404);
  assert.equal('email' in (await accessTokenClaims()), false);
});

test('a script outlives a restart', async (t) => {
  const first = await startWithManagement(t);
  await first.manage('PUT', { script: userScript, environmentVariables: {} });
  await first.close();
  const { port, dataDirectory } = first;
  const second = await startWithManagement(t, { port, dataDirectory });
  assert.equal((await second.accessTokenClaims()).email, 'alice@example.com');
});

test('a script never replaces a registered claim', async (t) => {
  const { manage, accessTokenClaims, issuer } = await startWithManagement(t);
  await manage('PUT', {
    script: `const getCustomJwtClaims = () => ({
      sub: 'x', iss: 'x', aud: 'x', exp: 1, iat: 1, jti: 'x', scope: 'all', client_id: 'x',
      organization_id: 'x', extra: true,
    });`,
  });
  const claims = await accessTokenClaims({ organization_id: acme });
  const { iat = 0, exp, jti, ...rest } = claims;
  assert.ok(iat > 1 && exp === iat + 3600 && jti !== 'x');
  assert.deepEqual(rest, {
    sub: 'alice0000001',
    iss: issuer,
    aud: api,
    scope: 'read:reports write:reports',
    client_id: 'spa1localencore2logto',
    organization_id: acme,
    extra: true,
  });
});

for (const [name, script] of [
  ['throws', 'const getCustomJwtClaims = async () => { throw new Error("no"); };'],
  ['is no JavaScript', 'const getCustomJwtClaims ='],
  ['defines nothing', ''],
  ['returns no object', 'const getCustomJwtClaims = async () => "text";'],
  ['never ends', 'const getCustomJwtClaims = async () => { for (;;); };'],
  ['never ends after a wait', 'const getCustomJwtClaims = async () => { await null; for (;;); };'],
  ['never settles', 'const getCustomJwtClaims = () => new Promise(() => {});'],
  ['reaches for the process', 'const getCustomJwtClaims = () => ({ env: process.env });'],
]) {
  test(`a script that ${name} leaves the token as it was`, async (t) => {
    t.mock.method(console, 'error', () => {});
    const { manage, accessTokenClaims } = await startWithManagement(t);
    assert.equal((await manage('PUT', { script })).status, 201);
    const recorded = await sample('access-token-alice');
    assert.deepEqual(
      Object.keys(await accessTokenClaims()).sort(),
      Object.keys(recorded.payload).sort(),
    );
  });
}

test('a script can deny the token', async (t) => {
  const { manage, accessTokenClaims } = await startWithManagement(t);
  await manage('PUT', {
    script: 'const getCustomJwtClaims = async ({ api }) => api.denyAccess("not you");',
  });
  await assert.rejects(accessTokenClaims(), /access_denied: not you/);
});

test("a machine's token gets no custom claims", async (t) => {
  const { manage, issuer } = await startWithManagement(t);
  await manage('PUT', { script: 'const getCustomJwtClaims = async () => ({ extra: true });' });
  const token = await fetchMachineToken(issuer);
  const claims = decodeJwt(token);
  assert.equal('extra' in claims, false);
});

test('the Management API refuses as recorded', async (t) => {
  const { address, issuer, signIn, refresh } = await startWithManagement(t);
  const recorded = await sample('error-shapes');
  const machineWithoutScope = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: {
      Authorization: `Basic ${btoa('m2m1localencore2logto:local-development-only-not-a-secret')}`,
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: managementApi }),
  });
  const { refresh_token } = await signIn('alice');
  const { access_token: forTheApi } = await refresh(refresh_token, { resource: api });
  /** @type {[string, string | undefined][]} */
  const cases = [
    ['mgmt: no token', undefined],
    ['mgmt: garbage token', 'Bearer garbage'],
    ['mgmt: user token for another audience', `Bearer ${forTheApi}`],
    [
      'mgmt: m2m token without scope all',
      `Bearer ${/** @type {any} */ (await machineWithoutScope.json()).access_token}`,
    ],
  ];
  for (const [name, authorization] of cases) {
    const response = await fetch(address, {
      headers: authorization === undefined ? {} : { Authorization: authorization },
    });
    const { status, body } = recorded[name];
    const answer = /** @type {any} */ (await response.json());
    assert.equal(response.status, status, name);
    // The payload is the refused token's own.
    if (answer.data?.payload) body.data.payload = answer.data.payload;
    assert.deepEqual(answer, body, name);
  }
});

test('a bad customizer is refused', async (t) => {
  const { manage } = await startWithManagement(t);
  for (const body of [{}, [], { script: 1 }, { script: '', environmentVariables: { A: 1 } }]) {
    const response = await manage('PUT', body);
    assert.equal(response.status, 400);
    assert.equal(/** @type {any} */ (await response.json()).code, 'guard.invalid_input');
  }
  assert.equal((await manage('GET')).status, 404);
});
