/**
 * The claims of ID tokens and userinfo by scope, as in Logto.
 *
 * @type {Record<string, string[]>}
 */
export const claimsByScope = {
  profile: ['name', 'picture', 'updated_at', 'username', 'created_at'],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  custom_data: ['custom_data'],
  identities: ['identities', 'sso_identities'],
  roles: ['roles'],
  'urn:logto:scope:organizations': ['organizations', 'organization_data'],
  'urn:logto:scope:organization_roles': ['organization_roles'],
};

/** Too large for an ID token. */
const userinfoOnly = ['custom_data', 'identities', 'sso_identities', 'organization_data'];

/**
 * @param {import('./accounts.js').Account} account
 * @param {import('./seed.js').Seed['organizations']} organizations
 * @param {string} use `id_token` or `userinfo`.
 */
export function claimsOf({ user, roles, organizations: memberships }, organizations, use) {
  const memberOf = organizations.filter(({ id }) => memberships.some((m) => m.id === id));
  /** @type {import('oidc-provider').AccountClaims} */
  const claims = {
    sub: user.id,
    name: user.name,
    picture: user.avatar,
    updated_at: user.updatedAt,
    username: user.username,
    created_at: user.createdAt,
    email: user.primaryEmail,
    email_verified: user.primaryEmail !== null,
    phone_number: user.primaryPhone,
    phone_number_verified: user.primaryPhone !== null,
    custom_data: user.customData,
    identities: user.identities,
    sso_identities: [],
    roles,
    organizations: memberOf.map(({ id }) => id),
    organization_data: memberOf,
    organization_roles: memberships.flatMap((m) => m.roles.map((role) => `${m.id}:${role}`)),
  };
  if (use === 'id_token') for (const name of userinfoOnly) delete claims[name];
  return claims;
}
