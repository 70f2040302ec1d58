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
    return (
      indicator === organizationsResource ||
      this.#seed.resources.some((resource) => resource.indicator === indicator)
    );
  }

  /**
   * What a token without an organization can carry: at an API resource all that the person's roles
   * grant, their own and those in any of their organizations.
   *
   * @param {string} userId
   * @param {string} indicator
   */
  personScopes(userId, indicator) {
    if (indicator === organizationsResource) return this.#seed.organizationScopes;
    const { roles = [], organizations = [] } = this.#accounts.find(userId) ?? {};
    return unique([
      ...this.#roleScopes(roles, indicator),
      ...organizations.flatMap((membership) => this.#membershipScopes(membership, indicator)),
    ]);
  }

  /**
   * What an organization's token can carry: at an API resource what the person's own roles and
   * those in this organization grant, otherwise the organization's permissions alone.
   *
   * @param {string} userId
   * @param {string} organizationId
   * @param {string} indicator
   */
  memberScopes(userId, organizationId, indicator) {
    const { roles = [], organizations = [] } = this.#accounts.find(userId) ?? {};
    const membership = organizations.find(({ id }) => id === organizationId);
    return unique([
      ...this.#roleScopes(roles, indicator),
      ...this.#membershipScopes(membership, indicator),
    ]);
  }

  /**
   * @param {string} clientId
   * @param {string} indicator
   * @param {string} [organizationId] Its token has what the machine's roles in it grant, no more.
   * @throws {errors.AccessDenied} when the machine is not in the organization.
   */
  machineScopes(clientId, indicator, organizationId) {
    if (!organizationId) {
      return this.#roleScopes(this.#seed.machineRoles[clientId] ?? [], indicator);
    }
    const memberships = this.#seed.machineOrganizations[clientId] ?? [];
    const membership = memberships.find(({ id }) => id === organizationId);
    if (!membership) throw accessDenied('app has not associated with the organization');
    return this.#membershipScopes(membership, indicator);
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
    const memberships = this.#accounts.find(account.accountId)?.organizations ?? [];
    if (!memberships.some(({ id }) => id === organizationId)) {
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
   * @param {import('./seed.js').Membership | undefined} membership
   * @param {string} indicator An API resource, or {@link organizationsResource} for the
   *   organization template's own permissions.
   */
  #membershipScopes(membership, indicator) {
    const roles = this.#seed.organizationRoles.filter(({ name }) =>
      membership?.roles.includes(name),
    );
    return unique(
      roles.flatMap(({ scopes, organizationScopes }) =>
        indicator === organizationsResource ? organizationScopes : (scopes[indicator] ?? []),
      ),
    );
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
