import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { demo } from '../src/demo.js';
import { fetchToken } from '../src/token.js';
import { acme, globex, startProvider } from '../testing/provider.js';

test('the demo people have the permissions that the README lists', async (t) => {
  const { issuer } = await startProvider(t, { seed: { ...demo, hooks: [] } });
  for (const [person, organization, expected] of /** @type {const} */ ([
    ['alice', undefined, 'read:todos write:todos'],
    ['alice', acme, 'read:todos write:todos'],
    ['alice', globex, 'read:todos'],
    ['bob', undefined, ''],
    ['carol', undefined, 'read:users'],
  ])) {
    const { scope } = decodeJwt(await fetchToken({ issuer, person, organization }));
    assert.equal(scope, expected, `${person} ${organization}`);
  }
});
