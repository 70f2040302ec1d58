import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { organizationsResource } from './access.js';
import { demo } from './demo.js';
import { requestToken, signIn, SignInError } from './headless-sign-in.js';

const usage = `Usage: node src/token.js <person> [--password <password>] [--opaque | --id-token | <organization>]
       node src/token.js --machine [--resource <indicator>] [<organization>]
       where <organization> is --organization <id> [--organization-audience]`;

const resource = 'https://api.encoreapp.com';
const demoPassword = 'encore-logto-demo';

/**
 * Gets a token from the running provider by the real flow: sign-in page, code, PKCE.
 *
 * @param {object} options
 * @param {string} options.issuer
 * @param {string} options.person Username or e-mail address.
 * @param {string} [options.password]
 * @param {string} [options.organization] An organization's id: its token, of kind `access` for the
 *   API resource, of kind `organization` without a resource.
 * @param {'access' | 'organization' | 'opaque' | 'id'} [options.kind]
 * @returns {Promise<string>}
 * @throws {SignInError} when the provider refuses.
 */
export async function fetchToken({
  issuer,
  person,
  password = demoPassword,
  organization,
  kind = 'access',
}) {
  const [client] = demo.clients;
  const clientId = /** @type {string} */ (client?.client_id);
  const tokens = await signIn({
    issuer,
    clientId,
    redirectUri: /** @type {string} */ (client?.redirect_uris?.[0]),
    identifier: person,
    password,
    scopes: [
      'openid',
      'offline_access',
      'profile',
      'email',
      'roles',
      'urn:logto:scope:organizations',
      'urn:logto:scope:organization_roles',
      ...scopesOf(resource, demo),
      ...demo.organizationScopes,
    ],
    resources: [resource, organizationsResource],
  });
  if (kind === 'opaque') return tokens.access_token;
  if (kind === 'id') return tokens.id_token;
  const refreshed = await requestToken(issuer, {
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: tokens.refresh_token,
    ...(kind !== 'organization' && { resource }),
    ...(organization && { organization_id: organization }),
  });
  return refreshed.access_token;
}

/**
 * Gets the demo machine's token for a resource, with all scopes the machine may have there.
 *
 * @param {string} issuer
 * @param {string} [indicator] Empty: without a resource, which an organization's token can do.
 * @param {string} [organization] An organization's id.
 * @param {import('./seed.js').Seed} [seed]
 * @returns {Promise<string>}
 * @throws {SignInError} when the provider refuses.
 */
export async function fetchMachineToken(
  issuer,
  indicator = resource,
  organization = '',
  seed = demo,
) {
  const machine = seed.clients.find(({ grant_types }) =>
    grant_types?.includes('client_credentials'),
  );
  const credentials = Buffer.from(`${machine?.client_id}:${machine?.client_secret}`);
  const { access_token: token } = await requestToken(
    issuer,
    {
      grant_type: 'client_credentials',
      ...(indicator && { resource: indicator }),
      ...(organization && { organization_id: organization }),
      scope: (indicator ? scopesOf(indicator, seed) : seed.organizationScopes).join(' '),
    },
    { Authorization: `Basic ${credentials.toString('base64')}` },
  );
  return token;
}

/**
 * @param {string} indicator
 * @param {import('./seed.js').Seed} seed
 */
function scopesOf(indicator, { resources }) {
  return resources.find((resource) => resource.indicator === indicator)?.scopes ?? [];
}

async function main() {
  const issuer = process.env.ISSUER || 'http://localhost:3001/oidc';
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      password: { type: 'string' },
      organization: { type: 'string' },
      'organization-audience': { type: 'boolean' },
      resource: { type: 'string' },
      opaque: { type: 'boolean' },
      'id-token': { type: 'boolean' },
      machine: { type: 'boolean' },
    },
  });
  const [person] = positionals;
  const { organization } = values;
  const ofOrganization = values['organization-audience'] ?? false;
  if (ofOrganization && !organization) throw new SignInError(usage);
  if (values.machine) {
    return fetchMachineToken(issuer, ofOrganization ? '' : values.resource, organization);
  }
  if (!person || positionals.length > 1) throw new SignInError(usage);
  return fetchToken({
    issuer,
    person,
    password: values.password,
    organization,
    kind: kindOf({ ...values, ofOrganization }),
  });
}

/** @param {{ opaque?: boolean, 'id-token'?: boolean, ofOrganization: boolean }} options */
function kindOf({ opaque, 'id-token': id, ofOrganization }) {
  if (opaque) return 'opaque';
  if (id) return 'id';
  return ofOrganization ? 'organization' : 'access';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(await main());
  } catch (error) {
    const { message, cause } = /** @type {Error} */ (error);
    console.error(
      cause ? 'The identity provider does not answer. Start it with: make run' : message,
    );
    process.exitCode = 1;
  }
}
