import vm from 'node:vm';
import { errors } from 'oidc-provider';
import { JsonFile } from './json-file.js';

/** Milliseconds a script may run. */
const timeLimit = 1000;

/**
 * @typedef {object} Customizer
 * @property {string} script Defines `getCustomJwtClaims`.
 * @property {Record<string, string>} [environmentVariables]
 */

/**
 * Custom token claims: a script of the tenant's that adds claims to a person's access tokens.
 *
 * The script holder is trusted (it takes a Management API token to set one). `node:vm` and the
 * time limit keep mistakes in, not attackers.
 */
export class JwtCustomizer {
  #file;
  #seed;
  #accounts;

  /**
   * @param {JsonFile<Customizer | null>} file
   * @param {import('./seed.js').Seed} seed
   * @param {import('./accounts.js').Accounts} accounts
   */
  constructor(file, seed, accounts) {
    this.#file = file;
    this.#seed = seed;
    this.#accounts = accounts;
  }

  /**
   * @param {string} path
   * @param {import('./seed.js').Seed} seed
   * @param {import('./accounts.js').Accounts} accounts
   */
  static async open(path, seed, accounts) {
    return new JwtCustomizer(await JsonFile.open(path, null), seed, accounts);
  }

  get() {
    return this.#file.data;
  }

  /** @param {Customizer | null} customizer Null to remove it. */
  async set(customizer) {
    this.#file.data = customizer;
    await this.#file.save();
  }

  /**
   * The extra claims for a token. A script that fails costs the token its extra claims and nothing
   * else, as in Logto; one that calls `api.denyAccess` stops the token.
   *
   * @param {import('oidc-provider').AccessToken} token
   * @param {string | undefined} organizationId
   * @returns {Record<string, unknown>}
   * @throws {errors.AccessDenied}
   */
  claimsFor(token, organizationId) {
    const customizer = this.#file.data;
    const account = this.#accounts.find(token.accountId);
    if (!customizer || !account) return {};
    const { outcome, failure } = run(customizer.script, {
      token: tokenContext(token),
      context: {
        user: this.#userContext(account),
        organization: this.#seed.organizations.find(({ id }) => id === organizationId),
      },
      environmentVariables: customizer.environmentVariables,
    });
    if (outcome?.denied !== undefined) throw new errors.AccessDenied(outcome.denied);
    if (outcome?.claims) return outcome.claims;
    console.error(`The custom claims script failed: ${failure ?? outcome?.failure}`);
    return {};
  }

  /** @param {import('./accounts.js').Account} account */
  #userContext({ user, roles: names, organizations: memberships }) {
    const { roles, organizationRoles, organizations } = this.#seed;
    return {
      ...user,
      hasPassword: true,
      ssoIdentities: [],
      mfaVerificationFactors: [],
      roles: roles
        .filter(({ name }) => names.includes(name))
        .map(({ id, name, description, scopes }) => ({
          id,
          name,
          description,
          scopes: Object.entries(scopes).flatMap(([indicator, scopeNames]) =>
            scopeNames.map((scope) => ({ name: scope, resource: { indicator } })),
          ),
        })),
      organizations: organizations.filter(({ id }) => memberships.some((m) => m.id === id)),
      organizationRoles: memberships.flatMap((membership) =>
        organizationRoles
          .filter(({ name }) => membership.roles.includes(name))
          .map(({ id, name }) => ({
            organizationId: membership.id,
            roleId: id,
            roleName: name,
          })),
      ),
    };
  }
}

/** @param {import('oidc-provider').AccessToken} token */
function tokenContext({ jti, aud, scope, clientId, accountId, grantId, gty, kind }) {
  return { jti, aud, scope, clientId, accountId, grantId, gty, kind };
}

/**
 * Runs a script to its end, its promises included. What goes in and comes out is JSON text, so no
 * object of this process is within the script's reach.
 *
 * @param {string} script
 * @param {object} input
 * @returns {{ outcome?: { claims?: Record<string, unknown>, denied?: string, failure?: string },
 *   failure?: unknown }}
 */
function run(script, input) {
  // afterEvaluate runs the script's promises inside the call, within its time limit.
  const context = vm.createContext(Object.create(null), { microtaskMode: 'afterEvaluate' });
  const source = `${script}
;(() => {
  const finish = (outcome) => { globalThis.outcome = JSON.stringify(outcome); };
  const api = {
    denyAccess(message) {
      finish({ denied: String(message ?? 'Access denied') });
      throw new Error('access denied');
    },
  };
  const isRecord = (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  (async () => getCustomJwtClaims({ ...JSON.parse(${JSON.stringify(JSON.stringify(input))}), api }))()
    .then((claims) => {
      finish(isRecord(claims) ? { claims } : { failure: 'it did not return an object' });
    })
    .catch((error) => { if (!globalThis.outcome) finish({ failure: String(error) }); });
})();`;
  try {
    vm.runInContext(source, context, { timeout: timeLimit, filename: 'getCustomJwtClaims' });
    if (typeof context.outcome !== 'string') return { failure: 'its promise did not settle' };
    return { outcome: JSON.parse(context.outcome) };
  } catch (failure) {
    return { failure };
  }
}
