import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { decodeJwt } from 'jose';
import { fetchMachineToken } from '../src/token.js';
import { acme, api, clientId, startProvider } from '../testing/provider.js';

const { call, issuer, signIn, refresh } = await startProvider({ after });
const path = '/configs/jwt-customizer/access-token';

/** @param {Record<string, string>} [parameters] */
async function claimsOfAlice(parameters) {
  const { refresh_token } = await signIn('alice');
  return decodeJwt((await refresh(refresh_token, { resource: api, ...parameters })).access_token);
}

/** @param {string} script */
const setScript = (script) => call('PUT', path, { script });

beforeEach(() => call('DELETE', path));

test('a script adds claims to the tokens of people until it is removed', async () => {
  const customizer = {
    script: `const getCustomJwtClaims = async ({ token, context, environmentVariables }) => ({
      email: context.user.primaryEmail,
      roles: context.user.roles.map(({ name }) => name),
      organization: context.organization.name,
      plan: environmentVariables.PLAN,
    });`,
    environmentVariables: { PLAN: 'pro' },
  };
  assert.equal((await call('GET', path)).status, 404);
  const created = await call('PUT', path, customizer);
  assert.deepEqual([created.status, created.body], [201, customizer]);
  assert.equal((await call('PUT', path, customizer)).status, 200);
  assert.deepEqual((await call('GET', path)).body, customizer);

  const { email, roles, organization, plan } = await claimsOfAlice({ organization_id: acme });
  assert.deepEqual([email, roles], ['alice@example.com', ['report-editor']]);
  assert.deepEqual([organization, plan], ['acme', 'pro']);
  assert.equal('plan' in decodeJwt(await fetchMachineToken(issuer)), false);

  assert.equal((await call('DELETE', path)).status, 204);
  assert.equal('plan' in (await claimsOfAlice()), false);
});

test('a script does not replace standard claims', async () => {
  await setScript(`const getCustomJwtClaims = () => ({
    sub: 'x', iss: 'x', aud: 'x', exp: 1, iat: 1, jti: 'x', scope: 'all', client_id: 'x',
    organization_id: 'x', extra: true,
  });`);
  const { iat = 0, exp, jti, ...claims } = await claimsOfAlice({ organization_id: acme });
  assert.ok(iat > 1 && exp === iat + 3600 && jti !== 'x');
  assert.deepEqual(claims, {
    sub: 'alice0000001',
    iss: issuer,
    aud: api,
    scope: 'read:reports write:reports',
    client_id: clientId,
    organization_id: acme,
    extra: true,
  });
});

for (const [name, script] of Object.entries({
  throws: 'const getCustomJwtClaims = async () => { throw new Error("no"); };',
  'is no JavaScript': 'const getCustomJwtClaims =',
  'defines nothing': '',
  'returns no object': 'const getCustomJwtClaims = async () => "text";',
  'never ends': 'const getCustomJwtClaims = async () => { for (;;); };',
  'never settles': 'const getCustomJwtClaims = () => new Promise(() => {});',
})) {
  test(`a script that ${name} adds nothing`, async (t) => {
    const log = t.mock.method(console, 'error', () => {});
    assert.equal((await setScript(script)).status, 201);
    const names = Object.keys(await claimsOfAlice()).sort();
    assert.deepEqual(names, ['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'scope', 'sub']);
    assert.match(String(log.mock.calls[0]?.arguments), /^The custom claims script failed: /);
  });
}

test('a script can deny the token', async () => {
  await setScript('const getCustomJwtClaims = async ({ api }) => api.denyAccess("not you");');
  await assert.rejects(claimsOfAlice(), /access_denied: not you/);
});
