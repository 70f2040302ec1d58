import { useClaims } from '../session/session-context';
import { useUserInfo } from '../session/user-info-query';

export interface Organization {
  id: string;
  /** The id until the name is known. */
  name: string;
  description: string | undefined;
  /** The person's roles in it. */
  roles: string[];
}

/**
 * The organizations the person is a member of. That they are stands in the ID token, so it is known
 * at once; names and descriptions are only in the userinfo, and follow.
 */
export function useOrganizations(): Organization[] {
  const claims = useClaims();
  const { data: userInfo } = useUserInfo();
  const { organizations = [], organization_roles: roles = [] } = userInfo ?? claims;

  return organizations.map((id) => {
    const details = userInfo?.organization_data?.find((organization) => organization.id === id);
    return {
      id,
      name: details?.name ?? id,
      description: details?.description ?? undefined,
      roles: rolesIn(id, roles),
    };
  });
}

/** Logto writes a role as `<organization>:<role>`. */
function rolesIn(organizationId: string, roles: string[]): string[] {
  const prefix = `${organizationId}:`;
  return roles.filter((role) => role.startsWith(prefix)).map((role) => role.slice(prefix.length));
}
