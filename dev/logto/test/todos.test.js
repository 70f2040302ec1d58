import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { demo } from '../src/demo.js';
import { acme, allScopes, api, globex, startProvider } from '../testing/provider.js';

test('who of the demo may do what: their own token, and one of each organization', async (t) => {
  const { signIn, refresh } = await startProvider(t, { seed: { ...demo, hooks: [] } });
  const scopes = [...allScopes, 'read:todos', 'write:todos'];
  /** @type {Record<string, unknown>} */
  const found = {};
  for (const person of ['alice', 'bob', 'carol']) {
    let { refresh_token } = await signIn(person, { scopes });
    for (const organization of ['', acme, globex]) {
      const parameters = { resource: api, ...(organization && { organization_id: organization }) };
      try {
        const tokens = await refresh(refresh_token, parameters);
        ({ refresh_token } = tokens);
        found[`${person} ${organization}`.trim()] = decodeJwt(tokens.access_token).scope;
      } catch (error) {
        assert.match(String(error), /user is not a member of the organization/);
      }
    }
  }
  assert.deepEqual(found, {
    alice: 'read:todos write:todos',
    [`alice ${acme}`]: 'read:todos write:todos',
    [`alice ${globex}`]: 'read:todos',
    bob: '',
    carol: 'read:users',
  });
});
