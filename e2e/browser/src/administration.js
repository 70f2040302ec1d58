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
 *
 * @typedef {object} PersonOptions
 * @property {string} [name]
 * @property {(keyof typeof roleIds)[]} [roles] In addition to the default ones.
 * @property {Record<string, (keyof typeof organizationRoleIds)[]>} [organizations] Their roles by
 *   the organization's id.
 * @property {boolean} [canSignIn] Without a password to hash it takes no time.
 */

const roleIds = { 'user-admin': 'roleuseradmin00000001' };
const organizationRoleIds = {
  'org-admin': 'orgroleadmin000000001',
  'org-viewer': 'orgroleviewer00000001',
};
const apiResource = 'resourceencoreapp0001';

/** @type {ReturnType<typeof management> | undefined} */
let client;

/**
 * Adds a person that no other test uses.
 *
 * @param {PersonOptions} [options]
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
  for (const role of roles) await addRole({ id }, role);
  for (const [organization, names] of Object.entries(organizations)) {
    await call('POST', `/organizations/${organization}/users`, { userIds: [id] });
    await call('POST', `/organizations/${organization}/users/${id}/roles`, {
      organizationRoleIds: names.map((role) => organizationRoleIds[role]),
    });
  }
  return { id, username };
}

/**
 * @param {Pick<Person, 'id'>} person
 * @param {keyof typeof roleIds} role
 */
export async function addRole({ id }, role) {
  await call('POST', `/users/${id}/roles`, { roleIds: [roleIds[role]] });
}

/**
 * @param {Pick<Person, 'id'>} person
 * @param {string} roleId
 */
export async function removeRole({ id }, roleId) {
  await call('DELETE', `/users/${id}/roles/${roleId}`);
}

/**
 * @param {Person} person
 * @param {boolean} isSuspended
 */
export async function setSuspended({ id }, isSuspended) {
  await call('PATCH', `/users/${id}/is-suspended`, { isSuspended });
}

/**
 * Waits until the API answers a token with the status. Fails after 15 seconds, which is also how
 * long the browser waits.
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
 * Ends all of the person's sessions, and revokes their grants.
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
 * While `work` runs, new access tokens for the API expire after some seconds.
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
