import { UserScope, type LogtoConfig } from '@logto/react';
import type { Env } from './env';

/** Permissions of the API that this application asks for. Logto grants those the person's roles hold. */
const apiScopes = ['read:todos', 'write:todos', 'read:users'];

/**
 * The SDK's configuration. Scopes and resources are fixed at sign-in: after a change here people
 * have to sign in again. The SDK adds openid, profile and offline_access by itself.
 */
export function logtoConfig(env: Env): LogtoConfig {
  return {
    endpoint: env.logtoEndpoint,
    appId: env.logtoAppId,
    resources: [env.apiResource],
    scopes: [
      UserScope.Email,
      UserScope.Roles,
      UserScope.Organizations,
      UserScope.OrganizationRoles,
      ...apiScopes,
    ],
  };
}
