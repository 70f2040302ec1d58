import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { organizationsResource } from './access.js';
import { requestToken, signIn, SignInError } from './headless-sign-in.js';
import { seed } from './seed.js';

const usage =
  'Usage: node src/token.js <person> [--password <password>] [--organization <id>] [--opaque | --id-token]\n' +
  '       node src/token.js --machine';

const resource = 'https://api.encoreapp.com';
const demoPassword = 'encore-logto-demo';

/**
 * Gets a token from the running provider by the real flow: sign-in page, code, PKCE.
 *
 * @param {object} options
 * @param {string} options.issuer
 * @param {string} options.person Username or e-mail address.
 * @param {string} [options.password]
 * @param {string} [options.organization] An organization's id: its token for the API resource.
 * @param {'access' | 'opaque' | 'id'} [options.kind]
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
  const [client] = seed.clients;
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
      ...(seed.resources[resource] ?? []),
      ...seed.organizationScopes,
    ],
    resources: [resource, organizationsResource],
  });
  if (kind === 'opaque') return tokens.access_token;
  if (kind === 'id') return tokens.id_token;
  const refreshed = await requestToken(issuer, {
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: tokens.refresh_token,
    resource,
    ...(organization && { organization_id: organization }),
  });
  return refreshed.access_token;
}

/**
 * Gets the demo machine's token for a resource, with all scopes the machine may have there.
 *
 * @param {string} issuer
 * @param {string} [indicator]
 * @returns {Promise<string>}
 * @throws {SignInError} when the provider refuses.
 */
export async function fetchMachineToken(issuer, indicator = resource) {
  const machine = seed.clients.find(({ grant_types }) =>
    grant_types?.includes('client_credentials'),
  );
  const credentials = Buffer.from(`${machine?.client_id}:${machine?.client_secret}`);
  const { access_token: token } = await requestToken(
    issuer,
    {
      grant_type: 'client_credentials',
      resource: indicator,
      scope: (seed.resources[indicator] ?? []).join(' '),
    },
    { Authorization: `Basic ${credentials.toString('base64')}` },
  );
  return token;
}

async function main() {
  const issuer = process.env.ISSUER || 'http://localhost:3001/oidc';
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      password: { type: 'string' },
      organization: { type: 'string' },
      opaque: { type: 'boolean' },
      'id-token': { type: 'boolean' },
      machine: { type: 'boolean' },
    },
  });
  const [person] = positionals;
  if (values.machine) return fetchMachineToken(issuer);
  if (!person || positionals.length > 1) throw new SignInError(usage);
  return fetchToken({
    issuer,
    person,
    password: values.password,
    organization: values.organization,
    kind: values.opaque ? 'opaque' : values['id-token'] ? 'id' : 'access',
  });
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
