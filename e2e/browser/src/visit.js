import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import { after } from 'node:test';
import { api, app, launch, provider } from './launch.js';

/** @typedef {import('playwright-core').Request} Request */

const jwt = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/;
const bearer = /^Bearer eyJ[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * @typedef {object} Options
 * @property {(string | RegExp)[]} [complaints] The errors and warnings the test provokes.
 * @property {string} [served] Where the page comes from: `build`, `development`, or a folder.
 */

/** Shared by the tests of a file. @type {Map<string, ReturnType<typeof launch>>} */
const browsers = new Map();

after(async () => {
  for (const browser of browsers.values()) await (await browser).close();
});

/**
 * Opens a browser with a fresh profile for a test. At its end it checks what holds in every test: no
 * unexpected error or warning in the console, no `Authorization` but a JWT for the API, and no token
 * in an address.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('playwright-core').BrowserContextOptions & Options} [options]
 */
export async function visit(t, { complaints: allowed = [], served = 'build', ...options } = {}) {
  const browser = browsers.get(served) ?? launch(served);
  browsers.set(served, browser);
  const context = await (await browser).newContext(options);
  context.setDefaultTimeout(15_000);

  /** @type {Request[]} */
  const requests = [];
  /** @type {string[]} */
  const addresses = [];
  /** @type {Promise<Record<string, unknown>>[]} */
  const tokenResponses = [];
  /** @type {string[]} */
  const complaints = [];

  context.on('request', (request) => {
    requests.push(request);
    addresses.push(request.url());
  });
  context.on('page', (page) => page.on('framenavigated', (frame) => addresses.push(frame.url())));
  context.on('response', (response) => {
    if (response.url() !== `${provider}/oidc/token`) return;
    // A preflight has no body, and a page that was left takes the body with it.
    tokenResponses.push(response.json().catch(() => ({})));
  });
  context.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    const [firstLine = ''] = message.text().split('\n');
    const { url } = message.location();
    // The application's file names change with each build.
    const from = url.startsWith(`${app}/`) && /\.\w+$/.test(new URL(url).pathname) ? '' : ` ${url}`;
    complaints.push(withoutQueries(`${firstLine.replace(/ \{.*/, '')}${from}`));
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));

  t.after(async () => {
    // First, because it ends the wait for a body that a page in the back-forward cache holds.
    await context.close();
    const responses = await Promise.all(tokenResponses);
    assert.deepEqual(
      complaints.filter((complaint) => !allowed.some((known) => isSame(known, complaint))),
      [],
      'console errors and warnings',
    );
    for (const request of requests) assertProperToken(request);
    const tokens = responses.flatMap(({ access_token, refresh_token, id_token }) =>
      [access_token, refresh_token, id_token].filter((token) => typeof token === 'string'),
    );
    for (const address of addresses) {
      const isLeak = jwt.test(address) || tokens.some((token) => address.includes(token));
      assert.ok(!isLeak, `a token is in the address ${withoutQueries(address)}?…`);
    }
  });

  const authorization = () => {
    const { authorization } = requests.filter(isSignedCall).at(-1)?.headers() ?? {};
    assert.ok(authorization, 'no page has called the API yet');
    return authorization;
  };

  return {
    context,
    page: await context.newPage(),

    /** @param {string} url @returns {Request[]} The requests so far, without preflights. */
    requestsTo: (url) =>
      requests.filter(
        (request) => withoutQueries(request.url()) === url && request.method() !== 'OPTIONS',
      ),

    /** The `Authorization` header the browser sent to the API last. */
    authorization,

    /**
     * Calls the API without the browser, with the token that it used last.
     *
     * @param {string} path
     */
    async callApi(path) {
      const response = await fetch(`${api}${path}`, {
        headers: { authorization: authorization() },
      });
      assert.equal(response.status, 200);
      return /** @type {Promise<any>} */ (response.json());
    },
  };
}

/**
 * @param {string | RegExp} known
 * @param {string} complaint
 */
function isSame(known, complaint) {
  return typeof known === 'string' ? known === complaint : known.test(complaint);
}

/**
 * Chromium's console message for a status.
 *
 * @param {number} status
 * @param {string} url
 */
export function answered(status, url) {
  return `Failed to load resource: the server responded with a status of ${status} (${STATUS_CODES[status]}) ${url}`;
}

/**
 * Chromium's console message for a request without a response.
 *
 * @param {string} error
 * @param {string} url
 */
export function unanswered(error, url) {
  return `Failed to load resource: ${error} ${url}`;
}

/** @param {Request} request */
function assertProperToken(request) {
  const { authorization } = request.headers();
  if (authorization === undefined) return;
  // The one for the provider itself is opaque.
  if (request.url() === `${provider}/oidc/me`) return assert.doesNotMatch(authorization, bearer);
  assert.match(authorization, bearer);
  assert.equal(new URL(request.url()).origin, api, 'where an access token goes');
}

/** @param {Request} request */
function isSignedCall(request) {
  return request.url().startsWith(`${api}/`) && request.headers().authorization !== undefined;
}

/** @param {string} text An address, or text with addresses in it. */
function withoutQueries(text) {
  return text.replace(/[?#][^\s']*/g, '');
}
