import { createHash, randomBytes } from 'node:crypto';

/** The provider's message about a sign-in that failed. */
export class SignInError extends Error {}

/** The parts of a browser that a sign-in needs: cookies and redirects, for one provider. */
export class HeadlessBrowser {
  /** @type {Map<string, string>} */
  #cookies = new Map();

  /**
   * Follows redirects to a page, or to the first address of another origin.
   *
   * @param {string | URL} url
   * @param {RequestInit} [init]
   * @returns {Promise<{ url: URL, response: Response }>} Where it ended. `response` is the page, or
   *   the redirect to another origin.
   */
  async navigate(url, init) {
    const { origin } = new URL(url);
    let current = new URL(url);
    for (let redirects = 0; redirects < 10; redirects += 1) {
      const response = await this.#fetch(current, init);
      const location = response.headers.get('Location');
      if (!location) return { url: current, response };
      current = new URL(location, current);
      if (current.origin !== origin) return { url: current, response };
      init = undefined;
    }
    throw new SignInError('The identity provider redirects in a circle.');
  }

  /** @param {URL} url @param {RequestInit} [init] */
  async #fetch(url, init) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, headers: { cookie }, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value) this.#cookies.set(name, value);
      else this.#cookies.delete(name);
    }
    return response;
  }
}

/**
 * @typedef {{ access_token: string, id_token: string, refresh_token: string, scope: string,
 *   expires_in: number, token_type: string }} TokenResponse
 */

/**
 * Signs a person in as a browser and a single-page application do: authorization code with PKCE.
 *
 * @param {object} request
 * @param {string} request.issuer
 * @param {string} request.clientId
 * @param {string} request.redirectUri
 * @param {string[]} request.scopes
 * @param {string[]} request.resources
 * @param {string} request.identifier
 * @param {string} request.password
 * @param {Record<string, string>} [request.parameters] Of the authorization request.
 * @param {HeadlessBrowser} [request.browser]
 * @returns {Promise<TokenResponse>}
 */
export async function signIn({ browser = new HeadlessBrowser(), parameters, ...request }) {
  const { issuer, clientId, redirectUri, identifier, password } = request;
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    prompt: 'consent',
    state: randomBytes(16).toString('base64url'),
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    scope: request.scopes.join(' '),
    ...parameters,
  });
  for (const resource of request.resources) query.append('resource', resource);
  const page = await browser.navigate(`${issuer}/auth?${query}`);
  const callback = issuer.startsWith(page.url.origin)
    ? await submit(browser, page, { identifier, password })
    : page.url;
  const code = callback.searchParams.get('code');
  if (!code) {
    const description = callback.searchParams.get('error_description');
    throw new SignInError(description ?? 'The callback has no code.');
  }
  return requestToken(issuer, {
    grant_type: 'authorization_code',
    client_id: clientId,
    redirect_uri: redirectUri,
    code,
    code_verifier: verifier,
  });
}

/**
 * Fills in the form of a page and sends it.
 *
 * @param {HeadlessBrowser} browser
 * @param {{ url: URL, response: Response }} page
 * @param {Record<string, string>} values
 * @returns {Promise<URL>} The application's callback.
 * @throws {SignInError} with the error on the page.
 */
async function submit(browser, { url, response }, values) {
  const interaction = /name="interaction" value="([^"]+)"/.exec(await response.text())?.[1];
  if (!interaction) {
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
 * @param {HeadersInit} [headers]
 * @returns {Promise<TokenResponse>}
 */
export async function requestToken(issuer, parameters, headers) {
  const body = new URLSearchParams(parameters);
  const response = await fetch(`${issuer}/token`, { method: 'POST', headers, body });
  const answer = /** @type {any} */ (await response.json());
  if (!response.ok) throw new SignInError(`${answer.error}: ${answer.error_description}`);
  return answer;
}
