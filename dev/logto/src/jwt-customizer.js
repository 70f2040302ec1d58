import { errors } from 'oidc-provider';
import { runClaimsScript } from './claims-script.js';
import { JsonFile } from './json-file.js';

/**
 * @typedef {object} Customizer
 * @property {string} script Defines `getCustomJwtClaims`.
 * @property {Record<string, string>} [environmentVariables]
 */

/** Custom token claims: a script of the tenant's that adds claims to people's access tokens. */
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
   * @returns {Promise<Record<string, unknown>>}
   * @throws {errors.AccessDenied}
   */
  async claimsFor(token, organizationId) {
    const customizer = this.#file.data;
    const account = this.#accounts.find(token.accountId);
    if (!customizer || !account) return {};
    const outcome = await runClaimsScript(customizer.script, {
      token: tokenContext(token),
      context: {
        user: this.#userContext(account),
        organization: this.#seed.organizations.find(({ id }) => id === organizationId),
      },
      environmentVariables: customizer.environmentVariables,
    });
    if ('claims' in outcome) return outcome.claims;
    if ('denied' in outcome) throw new errors.AccessDenied(outcome.denied);
    console.error(`The custom claims script failed: ${outcome.failure}`);
    return {};
  }

  /** @param {import('./accounts.js').Account} account */
  #userContext({ user, passwordHash, roles: names, organizations: memberships }) {
    const { roles, organizationRoles, organizations } = this.#seed;
    return {
      ...user,
      hasPassword: passwordHash !== null,
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
