import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { organizationsResource } from './access.js';
import { demo } from './demo.js';
import { requestToken, signIn, SignInError } from './headless-sign-in.js';

const usage = `Usage: node src/token.js <person> [--password <password>] [--organization <id>]
       node src/token.js <person> --opaque | --id-token
       node src/token.js --machine [--resource <indicator>]`;

const resource = 'https://api.encoreapp.com';

/**
 * Gets a token from the running provider. It signs in as a browser does.
 *
 * @param {object} options
 * @param {string} options.issuer
 * @param {string} options.person Username or e-mail address.
 * @param {string} [options.password]
 * @param {string} [options.organization] The id of an organization: returns a token for it.
 * @param {'access' | 'opaque' | 'id'} [options.kind] `access` is for the API resource.
 * @returns {Promise<string>}
 */
export async function fetchToken({
  issuer,
  person,
  password = 'encore-logto-demo',
  organization,
  kind = 'access',
}) {
  const [client] = demo.clients;
  const clientId = String(client?.client_id);
  const tokens = await signIn({
    issuer,
    clientId,
    redirectUri: String(client?.redirect_uris?.[0]),
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
      ...scopesOf(resource),
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
    resource,
    ...(organization && { organization_id: organization }),
  });
  return refreshed.access_token;
}

/**
 * Gets a token of the demo machine with all its scopes for a resource.
 *
 * @param {string} issuer
 * @param {string} [indicator]
 * @returns {Promise<string>}
 */
export async function fetchMachineToken(issuer, indicator = resource) {
  const machine = demo.clients.find(({ client_secret }) => client_secret);
  const credentials = btoa(`${machine?.client_id}:${machine?.client_secret}`);
  const { access_token } = await requestToken(
    issuer,
    { grant_type: 'client_credentials', resource: indicator, scope: scopesOf(indicator).join(' ') },
    { Authorization: `Basic ${credentials}` },
  );
  return access_token;
}

/** @param {string} indicator */
function scopesOf(indicator) {
  return demo.resources.find((resource) => resource.indicator === indicator)?.scopes ?? [];
}

/** @param {string[]} args */
async function main(args) {
  const issuer = process.env.ISSUER || 'http://localhost:3001/oidc';
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      password: { type: 'string' },
      organization: { type: 'string' },
      resource: { type: 'string' },
      opaque: { type: 'boolean' },
      'id-token': { type: 'boolean' },
      machine: { type: 'boolean' },
    },
  });
  const { machine, resource, opaque, 'id-token': id, ...options } = values;
  const [person, ...others] = positionals;
  if (machine && !person) return fetchMachineToken(issuer, resource);
  if (machine || !person || others.length > 0) throw new SignInError(usage);
  const kind = opaque ? 'opaque' : id ? 'id' : 'access';
  return fetchToken({ issuer, person, kind, ...options });
}

/** Answers each line of standard input, the arguments as JSON. Tests start it once for many tokens. */
async function answerLines() {
  for await (const line of createInterface({ input: process.stdin })) {
    const answer = await main(JSON.parse(line)).then(
      (token) => ({ token }),
      (error) => ({ error: String(error) }),
    );
    console.log(JSON.stringify(answer));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  try {
    if (args[0] === '--lines') await answerLines();
    else console.log(await main(args));
  } catch (error) {
    const { message, cause } = /** @type {Error} */ (error);
    console.error(
      cause ? 'The identity provider does not answer. Start it with: make run' : message,
    );
    process.exitCode = 1;
  }
}
