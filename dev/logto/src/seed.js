import { webhookEvents } from './webhooks.js';

/**
 * What an administrator sets up in Logto: the API resource, roles, organizations, applications, the
 * webhook, and the demo people.
 */

const api = 'https://api.encoreapp.com';

/** Where the React app and the backend are. */
const { SPA_ORIGIN: spa = 'http://localhost:5173', BASE_URL: backend = 'http://localhost:4000' } =
  process.env;

/** It can be public, because the provider talks to this machine only. */
const localSecret = 'local-development-only-not-a-secret';

/** The resource of Logto's Management API on a self-hosted server. Its one scope is `all`. */
export const managementApi = 'https://default.logto.app/api';

/**
 * Roles are referred to by name. Their scopes are by resource.
 *
 * @typedef {{ id: string, name: string, description: string, scopes: Record<string, string[]> }} Role
 * @typedef {{ id: string, roles: string[] }} Membership The id is the organization's.
 *
 * @typedef {object} Seed
 * @property {{ id: string, name: string, indicator: string, scopes: string[] }[]} resources
 * @property {(Role & { type: 'User' | 'MachineToMachine', isDefault: boolean })[]} roles
 * @property {string[]} organizationScopes
 * @property {(Role & { organizationScopes: string[] })[]} organizationRoles
 * @property {{ id: string, name: string, description: string }[]} organizations
 * @property {import('oidc-provider').ClientMetadata[]} clients
 * @property {Record<string, string[]>} machineRoles By client id.
 * @property {{ id: string, username: string, primaryEmail: string, name: string, password: string,
 *   roles: string[], organizations: Membership[] }[]} people
 * @property {import('./webhooks.js').Hook[]} hooks
 */

/** @type {Seed} */
export const seed = {
  resources: [
    {
      id: 'resourceencoreapp0001',
      name: 'The demo API',
      indicator: api,
      scopes: ['read:users'],
    },
    {
      id: 'management-api',
      name: 'Logto Management API',
      indicator: managementApi,
      scopes: ['all'],
    },
  ],
  roles: [
    {
      id: 'roleuseradmin00000001',
      name: 'user-admin',
      description: 'Lists the users.',
      type: 'User',
      isDefault: false,
      scopes: { [api]: ['read:users'] },
    },
    {
      id: 'rolemanagementapi0001',
      name: 'management-api',
      description: 'Full access to the Management API, for machines.',
      type: 'MachineToMachine',
      isDefault: false,
      scopes: { [managementApi]: ['all'] },
    },
  ],
  organizationScopes: [],
  organizationRoles: [
    {
      id: 'orgroleadmin000000001',
      name: 'org-admin',
      description: 'Reads and writes what the organization owns.',
      scopes: { [api]: [] },
      organizationScopes: [],
    },
    {
      id: 'orgroleviewer00000001',
      name: 'org-viewer',
      description: 'Reads what the organization owns.',
      scopes: { [api]: [] },
      organizationScopes: [],
    },
  ],
  organizations: [
    { id: 'orgacme00001', name: 'acme', description: 'Acme Inc' },
    { id: 'orgglobex001', name: 'globex', description: 'Globex Corporation' },
  ],
  clients: [
    {
      client_id: 'spa1localencore2logto',
      client_name: 'the demo application',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: [`${spa}/callback`],
      post_logout_redirect_uris: [spa, `${spa}/`],
    },
    {
      client_id: 'm2m1localencore2logto',
      client_name: 'the demo machine',
      client_secret: localSecret,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    },
  ],
  machineRoles: { m2m1localencore2logto: ['management-api'] },
  people: [
    {
      id: 'alice0000001',
      username: 'alice',
      primaryEmail: 'alice@example.com',
      name: 'Alice Example',
      password: 'encore-logto-demo',
      // With a role of her own she could write in globex too: it would count in every organization.
      roles: [],
      organizations: [
        { id: 'orgacme00001', roles: ['org-admin'] },
        { id: 'orgglobex001', roles: ['org-viewer'] },
      ],
    },
    {
      id: 'bob000000001',
      username: 'bob',
      primaryEmail: 'bob@example.com',
      name: 'Bob Example',
      password: 'encore-logto-demo',
      roles: [],
      organizations: [],
    },
    {
      id: 'carol0000001',
      username: 'carol',
      primaryEmail: 'carol@example.com',
      name: 'Carol Example',
      password: 'encore-logto-demo',
      roles: ['user-admin'],
      organizations: [],
    },
  ],
  hooks: [
    {
      id: 'hooklocalencore2logto',
      name: 'the demo backend',
      events: [...webhookEvents],
      config: { url: `${backend}/webhooks/logto` },
      signingKey: localSecret,
      enabled: true,
      createdAt: 0,
    },
  ],
};

/**
 * Adds something that people and organizations own. Who registers may read and write their own,
 * an organization's administrators and viewers what it owns.
 *
 * @param {Seed} seed
 * @param {string} what In the plural.
 * @param {{ id: string, name: string }} role The role that new people get.
 */
export function addOwned({ resources, roles, organizationScopes, organizationRoles }, what, role) {
  const read = `read:${what}`;
  const write = `write:${what}`;
  const view = `view:${what}`;
  const manage = `manage:${what}`;
  resources.find(({ indicator }) => indicator === api)?.scopes.push(read, write);
  roles.unshift({
    ...role,
    description: `Reads and writes ${what}.`,
    type: 'User',
    isDefault: true,
    scopes: { [api]: [read, write] },
  });
  organizationScopes.push(view, manage);
  for (const { name, scopes, organizationScopes } of organizationRoles) {
    const writes = name === 'org-admin';
    scopes[api]?.push(...(writes ? [read, write] : [read]));
    organizationScopes.push(...(writes ? [view, manage] : [view]));
  }
}
