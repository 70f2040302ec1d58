import { createHash, randomBytes } from 'node:crypto';

/** Redirects followed before giving up. */
const maxRedirects = 10;

/** A refusal, with what the provider said. */
export class SignInError extends Error {}

/**
 * What is needed of a browser to sign in: cookies, redirects and a form. Cookies are kept for one
 * provider, so they carry no domain or path.
 */
export class HeadlessBrowser {
  /** @type {Map<string, string>} */
  #cookies = new Map();

  /**
   * @param {string | URL} url
   * @param {RequestInit} [init]
   */
  async fetch(url, init) {
    const headers = new Headers(init?.headers);
    headers.set('Cookie', [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value) this.#cookies.set(name, value);
      else this.#cookies.delete(name);
    }
    return response;
  }

  /**
   * Follows redirects until a page, or until one leaves the provider.
   *
   * @param {string | URL} url
   * @param {RequestInit} [init]
   * @returns {Promise<{ url: URL, response: Response }>} Leaving the provider, `url` is where to
   *   and `response` the redirect.
   */
  async navigate(url, init) {
    const { origin } = new URL(url);
    let current = new URL(url);
    for (let redirects = 0; redirects < maxRedirects; redirects += 1) {
      const response = await this.fetch(current, init);
      const location = response.headers.get('Location');
      if (!location) return { url: current, response };
      current = new URL(location, current);
      if (current.origin !== origin) return { url: current, response };
      init = undefined;
    }
    throw new SignInError('The identity provider redirects in a circle.');
  }
}

/**
 * @typedef {object} Request
 * @property {string} issuer
 * @property {string} clientId
 * @property {string} redirectUri
 * @property {string[]} scopes
 * @property {string[]} resources
 * @property {Record<string, string>} [parameters] Added to the authorization request, or
 *   in place of a default.
 *
 * @typedef {{ access_token: string, id_token: string, refresh_token: string, scope: string,
 *   expires_in: number, token_type: string }} TokenResponse
 */

/**
 * Signs a person in by the authorization code flow with PKCE, the way a browser and an SPA do it
 * together.
 *
 * @param {Request & { identifier: string, password: string, browser?: HeadlessBrowser }} request
 * @returns {Promise<TokenResponse>}
 * @throws {SignInError}
 */
export async function signIn({
  identifier,
  password,
  browser = new HeadlessBrowser(),
  ...request
}) {
  const verifier = randomBytes(32).toString('base64url');
  const page = await browser.navigate(authorizationUrl(request, verifier));
  const callback =
    page.url.origin === new URL(request.issuer).origin
      ? await submit(browser, page, { identifier, password })
      : page.url;
  const code = callback.searchParams.get('code');
  if (!code) {
    throw new SignInError(
      callback.searchParams.get('error_description') ?? 'The callback has no code.',
    );
  }
  return requestToken(request.issuer, {
    grant_type: 'authorization_code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    code,
    code_verifier: verifier,
  });
}

/**
 * @param {Request} request
 * @param {string} verifier The PKCE code verifier.
 */
function authorizationUrl(request, verifier) {
  const { issuer, clientId, redirectUri, scopes, resources, parameters = {} } = request;
  const url = new URL(`${issuer}/auth`);
  url.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    prompt: 'consent',
    state: randomBytes(16).toString('base64url'),
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    scope: scopes.join(' '),
    ...parameters,
  }).toString();
  for (const resource of resources) url.searchParams.append('resource', resource);
  return url;
}

/**
 * Fills in the form of a page of the provider and sends it.
 *
 * @param {HeadlessBrowser} browser
 * @param {{ url: URL, response: Response }} page
 * @param {Record<string, string>} values
 * @returns {Promise<URL>} Where the application is called back.
 * @throws {SignInError} with the page's own words.
 */
async function submit(browser, { url, response }, values) {
  const html = await response.text();
  const interaction = /name="interaction" value="([^"]+)"/.exec(html)?.[1];
  if (!response.ok || !interaction) {
    throw new SignInError(`The identity provider shows no sign-in page: HTTP ${response.status}.`);
  }
  const outcome = await browser.navigate(url, {
    method: 'POST',
    body: new URLSearchParams({ ...values, interaction }),
  });
  if (outcome.url.origin !== url.origin) return outcome.url;
  const message = /class="error"[^>]*>([^<]+)</.exec(await outcome.response.text())?.[1];
  throw new SignInError(message ?? `The sign-in failed: HTTP ${outcome.response.status}.`);
}

/**
 * @param {string} issuer
 * @param {Record<string, string>} parameters
 * @param {HeadersInit} [headers] A confidential client's credentials.
 * @returns {Promise<TokenResponse>}
 * @throws {SignInError}
 */
export async function requestToken(issuer, parameters, headers) {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(parameters),
  });
  const body = /** @type {any} */ (await response.json());
  if (!response.ok) throw new SignInError(`${body.error}: ${body.error_description}`);
  return body;
}
