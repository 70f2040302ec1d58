import { UserScope } from '@logto/browser';
import type { KitConfig } from '../kit';
import type { Env } from './env';

/** Permissions of the API that this application asks for. Logto grants those the person's roles hold. */
const apiScopes = ['read:todos', 'write:todos', 'read:users'];

/** What the kit needs to know of this application. */
export function kitConfig(env: Env): KitConfig {
  return {
    ...env,
    scopes: [
      UserScope.Email,
      UserScope.Roles,
      UserScope.Organizations,
      UserScope.OrganizationRoles,
      ...apiScopes,
    ],
  };
}
