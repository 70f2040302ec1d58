/** @import { AccessToken } from 'oidc-provider' */
/** @import { Account, Accounts } from './accounts.js' */
/** @import { JsonFile } from './json-file.js' */
/** @import { Seed } from './seed.js' */
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

/** Custom token claims: a script that adds claims to people's access tokens. */
export class CustomClaims {
  #file;
  #seed;
  #accounts;

  /** @param {JsonFile<Customizer | null>} file @param {Seed} seed @param {Accounts} accounts */
  constructor(file, seed, accounts) {
    this.#file = file;
    this.#seed = seed;
    this.#accounts = accounts;
  }

  get customizer() {
    return this.#file.data;
  }

  /** @param {Customizer | null} customizer Null removes it. */
  async set(customizer) {
    this.#file.data = customizer;
    await this.#file.save();
  }

  /**
   * The claims to add to a token. As in Logto there are none if the script fails, and there is no
   * token if the script calls `api.denyAccess`.
   *
   * @param {AccessToken} token
   * @param {string | undefined} organizationId
   * @returns {Promise<Record<string, unknown>>}
   */
  async claimsFor(token, organizationId) {
    const account = this.#accounts.find(token.accountId);
    if (!this.customizer || !account) return {};
    const { script, environmentVariables } = this.customizer;
    const { jti, aud, scope, clientId, accountId, grantId, gty, kind } = token;
    const outcome = await run(script, {
      token: { jti, aud, scope, clientId, accountId, grantId, gty, kind },
      context: {
        user: this.#userContext(account),
        organization: this.#seed.organizations.find(({ id }) => id === organizationId),
      },
      environmentVariables,
    });
    if (outcome.denied !== undefined) throw new errors.AccessDenied(outcome.denied);
    if (outcome.claims) return outcome.claims;
    console.error(`The custom claims script failed: ${outcome.failure}`);
    return {};
  }

  /** @param {Account} account */
  #userContext({ user, passwordHash, roles, organizations }) {
    return {
      ...user,
      hasPassword: passwordHash !== null,
      ssoIdentities: [],
      mfaVerificationFactors: [],
      roles: this.#seed.roles
        .filter(({ name }) => roles.includes(name))
        .map(({ id, name, description, scopes }) => ({
          id,
          name,
          description,
          scopes: Object.entries(scopes).flatMap(([indicator, names]) =>
            names.map((name) => ({ name, resource: { indicator } })),
          ),
        })),
      organizations: this.#seed.organizations.filter((organization) =>
        organizations.some(({ id }) => id === organization.id),
      ),
      organizationRoles: organizations.flatMap(({ id: organizationId, roles }) =>
        this.#seed.organizationRoles
          .filter(({ name }) => roles.includes(name))
          .map(({ id, name }) => ({ organizationId, roleId: id, roleName: name })),
      ),
    };
  }
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
