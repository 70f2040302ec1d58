/** @import { KoaContextWithOIDC } from 'oidc-provider' */
/** @import { Tenant } from './tenant.js' */
import { errors } from 'oidc-provider';

const organizationsScope = 'urn:logto:scope:organizations';

/** An application asks for this resource at sign-in to get organization tokens. The SDK adds it. */
export const organizationsResource = 'urn:logto:resource:organizations';

/** @param {string} id */
export const organizationAudience = (id) => `urn:logto:organization:${id}`;

/**
 * The scopes of a person's own roles and of their roles in the organization, or without one in all
 * their organizations.
 *
 * @param {Pick<Tenant, 'seed' | 'accounts'>} tenant
 * @param {string} userId
 * @param {string} indicator
 * @param {string} [organizationId]
 */
export function personScopes({ seed, accounts }, userId, indicator, organizationId) {
  if (indicator === organizationsResource && !organizationId) return seed.organizationScopes;
  const account = accounts.find(userId);
  const memberships = (account?.organizations ?? []).filter(
    ({ id }) => !organizationId || id === organizationId,
  );
  const heldThere = memberships.flatMap((membership) => membership.roles);
  const rolesThere = seed.organizationRoles.map(({ name, scopes, organizationScopes }) => ({
    name,
    scopes: { ...scopes, [organizationsResource]: organizationScopes },
  }));
  return [
    ...new Set([
      ...scopesOf(seed.roles, account?.roles ?? [], indicator),
      ...scopesOf(rolesThere, heldThere, indicator),
    ]),
  ];
}

/**
 * The scopes of a machine's roles. The machines here are in no organization.
 *
 * @param {Tenant['seed']} seed
 * @param {string} clientId
 * @param {string} indicator
 */
export function machineScopes({ roles, machineRoles }, clientId, indicator) {
  return scopesOf(roles, machineRoles[clientId] ?? [], indicator);
}

/**
 * Rejects a refresh for an organization token that the person may not have.
 *
 * @param {Pick<Tenant, 'accounts'>} tenant
 * @param {KoaContextWithOIDC} ctx
 * @throws {errors.OIDCProviderError} `access_denied`, `insufficient_scope` or `invalid_target`.
 */
export function assertOrganizationToken({ accounts }, ctx) {
  const organizationId = requestedOrganization(ctx);
  const { RefreshToken: refreshToken, Account: account } = ctx.oidc.entities;
  if (!organizationId || !refreshToken || !account) return;
  const memberships = accounts.find(account.accountId)?.organizations ?? [];
  if (!memberships.some(({ id }) => id === organizationId)) {
    throw accessDenied('user is not a member of the organization');
  }
  if (!refreshToken.scopes.has(organizationsScope)) {
    throw new errors.InsufficientScope('refresh token missing required scope', organizationsScope);
  }
  const signInResources = [refreshToken.resource ?? []].flat();
  if (!ctx.oidc.params?.resource && !signInResources.includes(organizationsResource)) {
    throw new errors.InvalidTarget(`request the resource ${organizationsResource} at sign-in`);
  }
}

/**
 * @param {{ name: string, scopes: Record<string, string[]> }[]} roles
 * @param {string[]} names
 * @param {string} indicator
 */
function scopesOf(roles, names, indicator) {
  return roles
    .filter(({ name }) => names.includes(name))
    .flatMap(({ scopes }) => scopes[indicator] ?? []);
}

/**
 * The organization that a token is requested for. Like Logto, it is ignored for an authorization
 * code. oidc-provider drops parameters it doesn't know, so this reads the body.
 *
 * @param {KoaContextWithOIDC} ctx
 * @returns {string | undefined}
 * @throws {errors.InvalidRequest} if it is given twice.
 */
export function requestedOrganization(ctx) {
  const grantType = String(ctx.oidc.params?.grant_type);
  if (!['refresh_token', 'client_credentials'].includes(grantType)) return undefined;
  const value = ctx.oidc.body?.organization_id || undefined;
  if (value !== undefined && typeof value !== 'string') {
    throw new errors.InvalidRequest("'organization_id' parameter must not be provided twice");
  }
  return value;
}

/**
 * Logto answers 403. The status of oidc-provider would be 400.
 *
 * @param {string} description
 */
export function accessDenied(description) {
  const error = new errors.AccessDenied(description);
  error.status = error.statusCode = 403;
  return error;
}
