import * as z from 'zod/mini';
import { useClaims } from '../../kit';
import { useUserInfo } from '../user-info/user-info-query';

export interface Organization {
  id: string;
  /** The id until the name is known. */
  name: string;
  description: string | undefined;
  /** The person's roles in it. */
  roles: string[];
}

const listOf = <T extends z.ZodMiniType>(item: T) => z.catch(z.array(item), []);

/** The claims of the ID token and the userinfo. Logto may leave them out or set them to null. */
const memberships = z.object({
  organizations: listOf(z.string()),
  organization_roles: listOf(z.string()),
  organization_data: listOf(
    z.object({ id: z.string(), name: z.string(), description: z.nullish(z.string()) }),
  ),
});

/**
 * The organizations the person is a member of. The ID token has their ids. Names and descriptions
 * come with the userinfo.
 */
export function useOrganizations(): Organization[] {
  const claims = useClaims();
  const { data: userInfo } = useUserInfo();
  const known = memberships.parse(userInfo ?? claims);

  return known.organizations.map((id) => {
    const details = known.organization_data.find((organization) => organization.id === id);
    return {
      id,
      name: details?.name ?? id,
      description: details?.description ?? undefined,
      roles: rolesIn(id, known.organization_roles),
    };
  });
}

/** Logto writes a role as `<organization>:<role>`. */
function rolesIn(organizationId: string, roles: string[]): string[] {
  const prefix = `${organizationId}:`;
  return roles.filter((role) => role.startsWith(prefix)).map((role) => role.slice(prefix.length));
}
