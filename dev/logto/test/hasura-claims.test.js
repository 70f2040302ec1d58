import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { managementApi } from '../src/seed.js';
import { fetchMachineToken } from '../src/token.js';
import { acme, api, startProvider } from '../testing/provider.js';

const page = await readFile(new URL('../../../docs/hasura.md', import.meta.url), 'utf8');
/** The scripts as the page shows them: the one for the hook and the one for JWT mode. */
const [rolesScript = '', jwtScript = ''] = [...page.matchAll(/```js\n(.*?)```/gs)].map(
  ([, script]) => script,
);

/**
 * A provider whose tokens are customized by the script.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} script
 */
async function startWithScript(t, script) {
  const provider = await startProvider(t);
  const response = await fetch(`${provider.endpoint}/api/configs/jwt-customizer/access-token`, {
    method: 'PUT',
    headers: {
      Authorization: `Bearer ${await fetchMachineToken(provider.issuer, managementApi)}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({ script }),
  });
  assert.equal(response.status, 201);

  /**
   * @param {string} person
   * @param {Record<string, string>} [parameters]
   */
  return async (person, parameters = {}) => {
    const { refresh_token } = await provider.signIn(person);
    const { access_token } = await provider.refresh(refresh_token, {
      resource: api,
      ...parameters,
    });
    return decodeJwt(access_token);
  };
}

test('the script for the hook adds the roles', async (t) => {
  const claims = await startWithScript(t, rolesScript);
  assert.deepEqual((await claims('alice')).roles, ['report-editor']);
  assert.deepEqual((await claims('bob')).roles, []);
});

test('the script for JWT mode adds what Hasura needs', async (t) => {
  const claims = await startWithScript(t, jwtScript);
  for (const [person, parameters, roles, hasura] of /** @type {const} */ ([
    [
      'alice',
      {},
      ['report-editor'],
      {
        'x-hasura-user-id': 'alice0000001',
        'x-hasura-default-role': 'report-editor',
        'x-hasura-allowed-roles': ['report-editor'],
      },
    ],
    [
      'bob',
      {},
      [],
      {
        'x-hasura-user-id': 'bob000000001',
        'x-hasura-default-role': 'user',
        'x-hasura-allowed-roles': ['user'],
      },
    ],
    [
      'alice',
      { organization_id: acme },
      ['report-editor'],
      {
        'x-hasura-user-id': 'alice0000001',
        'x-hasura-default-role': 'organization',
        'x-hasura-allowed-roles': ['organization', 'report-editor'],
        'x-hasura-organization-id': acme,
      },
    ],
  ])) {
    const got = await claims(person, parameters);
    assert.deepEqual(got.roles, roles);
    assert.deepEqual(got['https://hasura.io/jwt/claims'], hasura);
  }
});
