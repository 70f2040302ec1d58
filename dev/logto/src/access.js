import { errors } from 'oidc-provider';

/** The scope without which a refresh token gives no organization token. */
const organizationsScope = 'urn:logto:scope:organizations';

/** Asked for at sign-in by an application that wants organization tokens. The SDK adds it. */
export const organizationsResource = 'urn:logto:resource:organizations';

/** The grants whose `organization_id` counts. Of any other it is ignored, as in Logto. */
const organizationGrants = ['refresh_token', 'client_credentials'];

/** @param {string} id */
export const organizationAudience = (id) => `urn:logto:organization:${id}`;

/** Role-based access control: which scopes the roles of a person or a machine grant. */
export class Access {
  #seed;
  #accounts;

  /**
   * @param {import('./seed.js').Seed} seed
   * @param {import('./accounts.js').Accounts} accounts
   */
  constructor(seed, accounts) {
    this.#seed = seed;
    this.#accounts = accounts;
  }

  /** @param {string} indicator */
  isResource(indicator) {
    return indicator === organizationsResource || Object.hasOwn(this.#seed.resources, indicator);
  }

  /**
   * All that a person can be granted at the resource, by themselves or within any of their
   * organizations. It bounds what tokens issued after this sign-in can carry.
   *
   * @param {string} userId
   * @param {string} indicator
   */
  grantableScopes(userId, indicator) {
    if (indicator === organizationsResource) return this.#seed.organizationScopes;
    const memberships = this.#accounts.find(userId)?.organizations ?? [];
    return unique([
      ...this.personScopes(userId, indicator),
      ...memberships.flatMap(({ id }) => this.memberScopes(userId, id, indicator)),
    ]);
  }

  /**
   * @param {string} userId
   * @param {string} indicator
   */
  personScopes(userId, indicator) {
    return this.#roleScopes(this.#accounts.find(userId)?.roles ?? [], indicator);
  }

  /**
   * What a person's roles in one organization grant: at an API resource, or of the organization
   * template's own permissions when the indicator is {@link organizationsResource}.
   *
   * @param {string} userId
   * @param {string} organizationId
   * @param {string} indicator
   */
  memberScopes(userId, organizationId, indicator) {
    const names = this.#membership(userId, organizationId)?.roles ?? [];
    const roles = this.#seed.organizationRoles.filter(({ name }) => names.includes(name));
    return unique(
      roles.flatMap(({ scopes, organizationScopes }) =>
        indicator === organizationsResource ? organizationScopes : (scopes[indicator] ?? []),
      ),
    );
  }

  /**
   * @param {string} clientId
   * @param {string} indicator
   */
  machineScopes(clientId, indicator) {
    return this.#roleScopes(this.#seed.machineRoles[clientId] ?? [], indicator);
  }

  /**
   * Refuses a refresh that asks for an organization's token without the right to one.
   *
   * @param {import('oidc-provider').KoaContextWithOIDC} ctx
   * @throws {errors.OIDCProviderError} `access_denied`, `insufficient_scope` or `invalid_target`.
   */
  assertOrganizationToken(ctx) {
    const organizationId = requestedOrganization(ctx);
    const { RefreshToken: refreshToken, Account: account } = ctx.oidc.entities;
    if (!organizationId || !refreshToken || !account) return;
    if (!this.#membership(account.accountId, organizationId)) {
      throw accessDenied('user is not a member of the organization');
    }
    if (!refreshToken.scopes.has(organizationsScope)) {
      throw new errors.InsufficientScope(
        'refresh token missing required scope',
        organizationsScope,
      );
    }
    const signInResources = [refreshToken.resource ?? []].flat();
    if (!ctx.oidc.params?.resource && !signInResources.includes(organizationsResource)) {
      throw new errors.InvalidTarget(`request the resource ${organizationsResource} at sign-in`);
    }
  }

  /**
   * @param {string[]} names
   * @param {string} indicator
   */
  #roleScopes(names, indicator) {
    const roles = this.#seed.roles.filter(({ name }) => names.includes(name));
    return unique(roles.flatMap(({ scopes }) => scopes[indicator] ?? []));
  }

  /**
   * @param {string} userId
   * @param {string} organizationId
   */
  #membership(userId, organizationId) {
    return this.#accounts.find(userId)?.organizations.find(({ id }) => id === organizationId);
  }
}

/**
 * The organization a token is asked for. oidc-provider drops parameters it doesn't know, so this
 * one is read from the body.
 *
 * @param {import('oidc-provider').KoaContextWithOIDC} ctx
 * @returns {string | undefined}
 * @throws {errors.InvalidRequest} when it is given twice.
 */
export function requestedOrganization(ctx) {
  if (!organizationGrants.includes(String(ctx.oidc.params?.grant_type))) return undefined;
  const value = ctx.oidc.body?.organization_id;
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') {
    throw new errors.InvalidRequest("'organization_id' parameter must not be provided twice");
  }
  return value;
}

/**
 * Logto answers 403 here, where oidc-provider's own status is 400.
 *
 * @param {string} description
 */
export function accessDenied(description) {
  const error = new errors.AccessDenied(description);
  error.status = error.statusCode = 403;
  return error;
}

/** @param {string[]} values */
const unique = (values) => [...new Set(values)];
