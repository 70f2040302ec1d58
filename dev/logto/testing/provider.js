import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { organizationsResource } from '../src/access.js';
import { HeadlessBrowser, requestToken, signIn } from '../src/headless-sign-in.js';
import { addOwned, seed as demoSeed } from '../src/seed.js';
import { startServer } from '../src/server.js';
import { management } from './management.js';

export const api = 'https://api.encoreapp.com';
export const acme = 'orgacme00001';
export const globex = 'orgglobex001';
export const password = 'encore-logto-demo';
export const clientId = 'spa1localencore2logto';
export const callback = 'http://localhost:5173/callback';

/**
 * The demo with reports that people and organizations own. Alice and carol have roles of their own
 * and in both organizations. There is no webhook to a backend that may be running.
 */
export const seed = {
  ...structuredClone(demoSeed),
  people: demoSeed.people.map((person) => ({
    ...person,
    ...(person.username === 'alice' && { roles: ['report-editor'] }),
    ...(person.username === 'carol' && { organizations: demoSeed.people[0]?.organizations ?? [] }),
  })),
  hooks: /** @type {import('../src/webhooks.js').Hook[]} */ ([]),
};
addOwned(seed, 'reports', { id: 'role-report-editor', name: 'report-editor' });

/** Every scope that an application can ask for here. */
const allScopes = [
  'openid',
  'offline_access',
  'profile',
  'email',
  'roles',
  'urn:logto:scope:organizations',
  'urn:logto:scope:organization_roles',
  ...['read:reports', 'write:reports', 'read:users', 'view:reports', 'manage:reports'],
];

/** A test, or the whole file. @typedef {{ after: (hook: () => unknown) => void }} Owner */

/**
 * A folder that is removed after the test.
 *
 * @param {Owner} owner
 */
export async function temporaryDirectory(owner) {
  const directory = await mkdtemp(join(tmpdir(), 'identity-provider-'));
  owner.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/**
 * A provider on a free port. It stops after the test.
 *
 * @param {Owner} owner
 * @param {{ dataDirectory?: string, port?: number, seed?: import('../src/seed.js').Seed }} [options]
 */
export async function startProvider(owner, options = {}) {
  const dataDirectory = options.dataDirectory ?? (await temporaryDirectory(owner));
  const server = await startServer({ port: 0, seed, ...options, dataDirectory });
  owner.after(server.close);
  const { issuer, endpoint } = server;
  return {
    ...server,
    dataDirectory,
    port: Number(new URL(endpoint).port),
    call: await management(server),

    /** @param {string} identifier @param {Partial<Parameters<typeof signIn>[0]>} [request] */
    signIn: (identifier, request = {}) =>
      signIn({
        issuer,
        clientId,
        redirectUri: callback,
        identifier,
        password,
        scopes: allScopes,
        resources: [api, organizationsResource],
        ...request,
      }),

    /** @param {string} refreshToken @param {Record<string, string>} [parameters] */
    refresh: (refreshToken, parameters = {}) =>
      requestToken(issuer, {
        grant_type: 'refresh_token',
        client_id: clientId,
        refresh_token: refreshToken,
        ...parameters,
      }),

    /**
     * Opens the page that an authorization request leads to.
     *
     * @param {Record<string, string>} [parameters]
     */
    async openPage(parameters) {
      const browser = new HeadlessBrowser();
      const page = await browser.navigate(authorizationRequest(issuer, parameters));
      const html = await page.response.text();
      const [, interaction = ''] = /name="interaction" value="([^"]+)"/.exec(html) ?? [];
      assert.notEqual(interaction, '', `no form at ${page.url}`);
      /** @param {Record<string, string>} values */
      const submit = async (values) => {
        const body = new URLSearchParams({ interaction, ...values });
        const result = await browser.navigate(page.url, { method: 'POST', body });
        return { ...result, html: await result.response.text() };
      };
      return { ...page, browser, html, interaction, submit };
    },
  };
}

/** The PKCE verifier of {@link authorizationRequest}. */
export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

/**
 * @param {string} issuer
 * @param {Record<string, string>} [parameters] Added to the usual ones. Empty ones are left out.
 */
export function authorizationRequest(issuer, parameters = {}) {
  const all = {
    client_id: clientId,
    redirect_uri: callback,
    response_type: 'code',
    scope: 'openid',
    state: 's',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...parameters,
  };
  const given = Object.entries(all).filter(([, value]) => value !== '');
  return new URL(`${issuer}/auth?${new URLSearchParams(given)}`);
}
