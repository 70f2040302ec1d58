import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { errors } from 'oidc-provider';

/** Milliseconds that a script may take, with the start of its thread. */
const timeout = 3000;

/**
 * @typedef {object} Customizer
 * @property {string} script Defines `getCustomJwtClaims`.
 * @property {Record<string, string>} [environmentVariables]
 */

/**
 * The claims that the tenant's script adds to a person's token. As in Logto there are none if the
 * script fails, and there is no token if the script calls `api.denyAccess`.
 *
 * @param {import('./tenant.js').Tenant} tenant
 * @param {import('oidc-provider').AccessToken} token
 * @param {string | undefined} organizationId
 * @returns {Promise<Record<string, unknown>>}
 */
export async function customClaims({ seed, accounts, customizer }, token, organizationId) {
  const account = accounts.find(token.accountId);
  if (!customizer.data || !account) return {};
  const { script, environmentVariables } = customizer.data;
  const { jti, aud, scope, clientId, accountId, grantId, gty, kind } = token;
  const outcome = await run(script, {
    token: { jti, aud, scope, clientId, accountId, grantId, gty, kind },
    context: {
      user: userContext(seed, account),
      organization: seed.organizations.find(({ id }) => id === organizationId),
    },
    environmentVariables,
  });
  if (outcome.denied !== undefined) throw new errors.AccessDenied(outcome.denied);
  if (outcome.claims) return outcome.claims;
  console.error(`The custom claims script failed: ${outcome.failure}`);
  return {};
}

/**
 * @param {import('./seed.js').Seed} seed
 * @param {import('./accounts.js').Account} account
 */
function userContext(seed, { user, passwordHash, roles, organizations }) {
  return {
    ...user,
    hasPassword: passwordHash !== null,
    ssoIdentities: [],
    mfaVerificationFactors: [],
    roles: seed.roles
      .filter(({ name }) => roles.includes(name))
      .map(({ id, name, description, scopes }) => ({
        id,
        name,
        description,
        scopes: Object.entries(scopes).flatMap(([indicator, names]) =>
          names.map((name) => ({ name, resource: { indicator } })),
        ),
      })),
    organizations: seed.organizations.filter((organization) =>
      organizations.some(({ id }) => id === organization.id),
    ),
    organizationRoles: organizations.flatMap(({ id: organizationId, roles }) =>
      seed.organizationRoles
        .filter(({ name }) => roles.includes(name))
        .map(({ id, name }) => ({ organizationId, roleId: id, roleName: name })),
    ),
  };
}

/**
 * Runs a script in a thread, which can be stopped. Like Logto, this contains mistakes, not attacks:
 * only who may use the Management API can set a script.
 *
 * @param {string} script
 * @param {object} input The argument of `getCustomJwtClaims`, without `api`.
 * @returns {Promise<{ claims?: Record<string, unknown>, denied?: string, failure?: string }>}
 */
async function run(script, input) {
  const source = `${script}
;(async ({ parentPort, workerData }) => {
  let denied;
  const api = {
    denyAccess(message = 'Access denied') {
      denied = String(message);
      throw new Error(denied);
    },
  };
  try {
    const claims = await getCustomJwtClaims({ ...workerData, api });
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
      throw new Error('it did not return an object');
    }
    parentPort.postMessage({ claims });
  } catch (error) {
    parentPort.postMessage(denied === undefined ? { failure: String(error) } : { denied });
  }
})(require('node:worker_threads'))`;
  const worker = new Worker(source, { eval: true, workerData: input, env: {} });
  const signal = AbortSignal.timeout(timeout);
  try {
    const ended = once(worker, 'exit', { signal }).then(() => [
      { failure: 'its promise did not settle' },
    ]);
    const [outcome] = await Promise.race([once(worker, 'message', { signal }), ended]);
    return outcome;
  } catch (error) {
    return { failure: String(error) };
  } finally {
    await worker.terminate();
  }
}
