import { UserScope } from '@logto/browser';
import type { KitConfig } from '../kit';
import type { Env } from './env';

/** The kit's settings. Logto grants those of the API's permissions that the person's roles have. */
export function kitConfig(env: Env, permissions: string[]): KitConfig {
  return {
    ...env,
    scopes: [
      UserScope.Email,
      UserScope.Roles,
      UserScope.Organizations,
      UserScope.OrganizationRoles,
      ...permissions,
    ],
  };
}
