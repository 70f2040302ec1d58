/**
 * What a tenant's administrator would have set up: the API resource, roles, an organization, the
 * applications and the demo people. Definitions are read from here at every start; people are
 * copied into the account store once, and what happens to them there is kept.
 */

const api = 'https://api.encoreapp.com';

/** The resource of Logto's Management API on a self-hosted server. Its one scope is `all`. */
export const managementApi = 'https://default.logto.app/api';

/**
 * @typedef {object} Role
 * @property {string} id
 * @property {string} name
 * @property {string} description
 * @property {Record<string, string[]>} scopes By resource indicator.
 *
 * @typedef {Role & { organizationScopes: string[] }} OrganizationRole
 *
 * @typedef {object} Person
 * @property {string} id
 * @property {string} username
 * @property {string} primaryEmail
 * @property {string} name
 * @property {string} password
 * @property {string[]} roles By name.
 * @property {{ id: string, roles: string[] }[]} organizations Membership, with role names.
 *
 * @typedef {object} Seed
 * @property {Record<string, string[]>} resources Scopes by resource indicator.
 * @property {Role[]} roles
 * @property {string[]} organizationScopes The organization template's permissions.
 * @property {OrganizationRole[]} organizationRoles
 * @property {{ id: string, name: string, description: string }[]} organizations
 * @property {import('oidc-provider').ClientMetadata[]} clients
 * @property {Record<string, string[]>} machineRoles Role names by client id.
 * @property {Person[]} people
 */

/** @type {Seed} */
export const seed = {
  resources: {
    [api]: ['read:todos', 'write:todos', 'read:users'],
    [managementApi]: ['all'],
  },
  roles: [
    {
      id: 'roletodoeditor0000001',
      name: 'todo-editor',
      description: 'Reads and writes their own todos.',
      scopes: { [api]: ['read:todos', 'write:todos'] },
    },
    {
      id: 'roleuseradmin00000001',
      name: 'user-admin',
      description: 'Lists the users.',
      scopes: { [api]: ['read:users'] },
    },
    {
      id: 'rolemanagementapi0001',
      name: 'management-api',
      description: 'Full access to the Management API, for machines.',
      scopes: { [managementApi]: ['all'] },
    },
  ],
  organizationScopes: ['view:todos', 'manage:todos'],
  organizationRoles: [
    {
      id: 'orgroleadmin000000001',
      name: 'org-admin',
      description: "Reads and writes the organization's todos.",
      scopes: { [api]: ['read:todos', 'write:todos'] },
      organizationScopes: ['view:todos', 'manage:todos'],
    },
  ],
  organizations: [{ id: 'orgacme00001', name: 'acme', description: 'Acme Inc' }],
  clients: [
    {
      client_id: 'spa1localencore2logto',
      client_name: 'the demo application',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: ['http://localhost:5173/callback'],
      post_logout_redirect_uris: ['http://localhost:5173', 'http://localhost:5173/'],
    },
    {
      client_id: 'm2m1localencore2logto',
      client_name: 'the demo machine',
      // Public on purpose: the provider answers on this machine only.
      client_secret: 'local-development-only-not-a-secret',
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
      roles: ['todo-editor'],
      organizations: [{ id: 'orgacme00001', roles: ['org-admin'] }],
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
};
