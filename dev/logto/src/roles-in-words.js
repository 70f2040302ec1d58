/**
 * A person's roles on one line, such as "user-admin, org-admin in acme".
 *
 * @param {Pick<import('./accounts.js').Account, 'roles' | 'organizations'>} person
 * @param {import('./seed.js').Seed['organizations']} organizations
 */
export function rolesInWords({ roles, organizations: memberships }, organizations) {
  const inOrganizations = memberships.map(({ id, roles }) => {
    const name = organizations.find((organization) => organization.id === id)?.name ?? id;
    return `${roles.join(' and ') || 'member'} in ${name}`;
  });
  return [...roles, ...inOrganizations].join(', ') || 'none';
}
