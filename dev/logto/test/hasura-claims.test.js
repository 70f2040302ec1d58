import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { decodeJwt } from 'jose';
import { acme, api, startProvider } from '../testing/provider.js';

const { call, signIn, refresh } = await startProvider({ after });
const page = await readFile(new URL('../../../docs/hasura.md', import.meta.url), 'utf8');
/** The scripts on the page: the one for the hook and the one for JWT mode. */
const [hookScript, jwtScript] = [...page.matchAll(/```js\n(.*?)```/gs)].map(([, script]) => script);

/**
 * The claims of a person's token when the script is set.
 *
 * @param {string | undefined} script
 * @param {string} person
 * @param {Record<string, string>} [parameters]
 */
async function claims(script, person, parameters) {
  await call('PUT', '/configs/jwt-customizer/access-token', { script });
  const { refresh_token } = await signIn(person);
  return decodeJwt((await refresh(refresh_token, { resource: api, ...parameters })).access_token);
}

test('the script for the hook adds the roles', async () => {
  assert.deepEqual((await claims(hookScript, 'alice')).roles, ['report-editor']);
  assert.deepEqual((await claims(hookScript, 'bob')).roles, []);
});

test('the script for JWT mode adds what Hasura needs', async () => {
  for (const [person, parameters, roles, hasura] of /** @type {const} */ ([
    ['alice', {}, ['report-editor'], sessionVariables('alice0000001', ['report-editor'])],
    ['bob', {}, [], sessionVariables('bob000000001', ['user'])],
    [
      'alice',
      { organization_id: acme },
      ['report-editor'],
      {
        ...sessionVariables('alice0000001', ['organization', 'report-editor']),
        'x-hasura-organization-id': acme,
      },
    ],
  ])) {
    const got = await claims(jwtScript, person, parameters);
    assert.deepEqual(got.roles, roles);
    assert.deepEqual(got['https://hasura.io/jwt/claims'], hasura);
  }
});

/** @param {string} id @param {string[]} roles */
function sessionVariables(id, roles) {
  return {
    'x-hasura-user-id': id,
    'x-hasura-default-role': roles[0],
    'x-hasura-allowed-roles': roles,
  };
}
