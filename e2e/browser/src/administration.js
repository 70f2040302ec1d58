import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { management } from '../../../dev/logto/testing/management.js';
import { api, provider } from './launch.js';
import { demoPassword } from './person.js';

/**
 * What an administrator of Logto does, by its Management API.
 *
 * @typedef {object} Person
 * @property {string} id
 * @property {string} username
 * @property {(role: keyof typeof roleIds) => Promise<void>} addRole
 */

const roleIds = { 'todo-editor': 'roletodoeditor0000001', 'user-admin': 'roleuseradmin00000001' };
const organizationRoleIds = {
  'org-admin': 'orgroleadmin000000001',
  'org-viewer': 'orgroleviewer00000001',
};
const apiResource = 'resourceencoreapp0001';

/** @type {ReturnType<typeof management> | undefined} */
let client;

/**
 * Adds a person of whom no other test knows.
 *
 * @param {object} [options]
 * @param {string} [options.name]
 * @param {(keyof typeof roleIds)[]} [options.roles] All of them, so without the default one if it
 *   isn't named.
 * @param {Record<string, (keyof typeof organizationRoleIds)[]>} [options.organizations]
 *   Their roles by the organization's id.
 * @param {boolean} [options.canSignIn] Without a password to hash it takes no time.
 * @returns {Promise<Person>}
 */
export async function addPerson(options = {}) {
  const { name, roles = [], organizations = {}, canSignIn = true } = options;
  const username = `p_${randomBytes(6).toString('hex')}`;
  const primaryEmail = `${username}@example.com`;
  const { id } = await call('POST', '/users', {
    username,
    primaryEmail,
    name: name ?? username,
    ...(canSignIn && { password: demoPassword }),
  });
  const addRole = async (/** @type {keyof typeof roleIds} */ role) => {
    await call('POST', `/users/${id}/roles`, { roleIds: [roleIds[role]] });
  };
  if (!roles.includes('todo-editor')) {
    await call('DELETE', `/users/${id}/roles/${roleIds['todo-editor']}`);
  }
  for (const role of roles) await addRole(role);
  for (const [organization, names] of Object.entries(organizations)) {
    await call('POST', `/organizations/${organization}/users`, { userIds: [id] });
    await call('POST', `/organizations/${organization}/users/${id}/roles`, {
      organizationRoleIds: names.map((role) => organizationRoleIds[role]),
    });
  }
  return { id, username, addRole };
}

/**
 * @param {Person} person
 * @param {boolean} isSuspended
 */
export async function setSuspended({ id }, isSuspended) {
  await call('PATCH', `/users/${id}/is-suspended`, { isSuspended });
}

/**
 * Waits until the API has heard of a suspension. Fails if it hasn't within 15 seconds, as long as
 * the browser waits for anything.
 *
 * @param {number} status
 * @param {string} authorization
 */
export async function untilAnswered(status, authorization) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const response = await fetch(`${api}/users/me`, { headers: { authorization } });
    if (response.status === status) return;
    assert.ok(Date.now() < deadline, `GET /users/me still answers ${response.status}`);
    await delay(50);
  }
}

/** @param {Person} person */
export async function remove({ id }) {
  await call('DELETE', `/users/${id}`);
}

/**
 * Ends all the person's sessions, and revokes what was granted in them.
 *
 * @param {Person} person
 */
export async function endSessions({ id }) {
  const { sessions } = await call('GET', `/users/${id}/sessions`);
  for (const { payload } of sessions) {
    await call('DELETE', `/users/${id}/sessions/${payload.uid}?revokeGrantsTarget=all`);
  }
}

/**
 * Lets the API's access tokens that are issued while `work` is done live so many seconds.
 *
 * @template T
 * @param {number} seconds
 * @param {() => Promise<T>} work
 */
export async function withAccessTokensOf(seconds, work) {
  await call('PATCH', `/resources/${apiResource}`, { accessTokenTtl: seconds });
  try {
    return await work();
  } finally {
    await call('PATCH', `/resources/${apiResource}`, { accessTokenTtl: 3600 });
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 */
async function call(method, path, body) {
  client ??= management({ issuer: `${provider}/oidc`, endpoint: provider });
  const response = await (await client)(method, path, body);
  assert.ok(
    response.status < 300,
    `${method} ${path}: ${response.status} ${JSON.stringify(response.body)}`,
  );
  return response.body;
}
