import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { organizationsResource } from '../src/access.js';
import { HeadlessBrowser, requestToken, signIn } from '../src/headless-sign-in.js';
import { addOwned, seed as demoSeed } from '../src/seed.js';
import { startServer } from '../src/server.js';

export const api = 'https://api.encoreapp.com';
export const acme = 'orgacme00001';
export const globex = 'orgglobex001';
export const password = 'encore-logto-demo';

/**
 * The demo's with reports that people and organizations own. Alice has a role of her own, as in the
 * recordings. There are no webhooks: nothing of a test reaches a backend that may be running.
 */
export const seed = {
  ...structuredClone(demoSeed),
  people: demoSeed.people.map((person) =>
    person.username === 'alice' ? { ...person, roles: ['report-editor'] } : person,
  ),
  hooks: /** @type {import('../src/webhooks.js').Hook[]} */ ([]),
};
addOwned(seed, 'reports', { id: 'rolereporteditor00001', name: 'report-editor' });

const spa = { clientId: 'spa1localencore2logto', redirectUri: 'http://localhost:5173/callback' };

/** Every scope an application of Logto's can ask for here. */
export const allScopes = [
  'openid',
  'offline_access',
  'profile',
  'email',
  'roles',
  'urn:logto:scope:organizations',
  'urn:logto:scope:organization_roles',
  'read:reports',
  'write:reports',
  'read:users',
  'view:reports',
  'manage:reports',
];

/**
 * A folder that is gone after the test.
 *
 * @param {import('node:test').TestContext} t
 */
export async function temporaryDirectory(t) {
  const directory = await mkdtemp(join(tmpdir(), 'identity-provider-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/**
 * The real server on a free port, stopped after the test.
 *
 * @param {import('node:test').TestContext} t
 * @param {{ dataDirectory?: string, seed?: import('../src/seed.js').Seed, port?: number,
 *   lifetimes?: import('../src/lifetimes.js').Lifetimes }} [options]
 */
export async function startProvider(t, options = {}) {
  const dataDirectory = options.dataDirectory ?? (await temporaryDirectory(t));
  const server = await startServer({
    port: options.port ?? 0,
    dataDirectory,
    seed: options.seed ?? seed,
    lifetimes: options.lifetimes,
  });
  let closing = /** @type {Promise<void> | undefined} */ (undefined);
  const close = () => (closing ??= server.close());
  t.after(close);
  const { issuer, endpoint } = server;
  return {
    issuer,
    endpoint,
    dataDirectory,
    port: Number(new URL(endpoint).port),
    close,

    /**
     * @param {string} identifier
     * @param {Partial<Parameters<typeof signIn>[0]>} [request]
     */
    signIn: (identifier, request = {}) =>
      signIn({
        issuer,
        ...spa,
        identifier,
        password,
        scopes: allScopes,
        resources: [api, organizationsResource],
        ...request,
      }),

    /**
     * @param {string} refreshToken
     * @param {Record<string, string>} [parameters]
     */
    refresh: (refreshToken, parameters = {}) =>
      requestToken(issuer, {
        grant_type: 'refresh_token',
        client_id: spa.clientId,
        refresh_token: refreshToken,
        ...parameters,
      }),
  };
}

/**
 * Opens the page an authorization request leads to.
 *
 * @param {string} issuer
 * @param {Record<string, string>} [parameters] Over the defaults; an empty one is left out.
 */
export async function openPage(issuer, parameters = {}) {
  const browser = new HeadlessBrowser();
  const url = authorizationRequest(issuer, parameters);
  const page = await browser.navigate(url);
  const html = await page.response.text();
  const [, interaction = ''] = /name="interaction" value="([^"]+)"/.exec(html) ?? [];
  assert.notEqual(interaction, '', `no form at ${page.url}`);
  return {
    browser,
    url: page.url,
    html,
    headers: page.response.headers,
    interaction,

    /** @param {Record<string, string>} values */
    async submit(values) {
      const result = await browser.navigate(page.url, {
        method: 'POST',
        body: new URLSearchParams({ interaction, ...values }),
      });
      return { ...result, html: await result.response.text() };
    },
  };
}

/**
 * @param {string} issuer
 * @param {Record<string, string>} [parameters] Over the defaults; an empty one is left out.
 */
export function authorizationRequest(issuer, parameters = {}) {
  const all = {
    client_id: spa.clientId,
    redirect_uri: spa.redirectUri,
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
