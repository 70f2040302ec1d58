import LogtoClient, { LogtoClientError, type LogtoConfig } from '@logto/browser';
import { anError, ApiError, OutageError, retryAfterMs } from './errors';

/**
 * The SDK's client, changed in these points:
 *
 * - Refresh tokens rotate, so two requests at once (two organizations, two tabs) could end the
 *   session. A Web Lock lets one through at a time, over all tabs. Tokens in memory don't wait.
 * - When Logto refuses the refresh token the session is over. The SDK keeps the ID token; this client
 *   drops all tokens. So after a failure, tokens that are still there mean an outage.
 * - Every request and every wait has a time limit.
 * - After a 429 no token request is made until Logto's pause is over.
 * - Errors are {@link ApiError} or {@link OutageError}, and are not written to the console.
 * - A sign-out drops the tokens first and tells Logto afterwards.
 */
export class SerialLogtoClient extends LogtoClient {
  declare readonly getAccessToken: LogtoClient['getAccessToken'];
  #pause: { until: number; error: unknown } | undefined;

  constructor(config: LogtoConfig, enableCache?: boolean) {
    super(config, enableCache);
    this.adapter.requester = request;
    const { jwtVerifier } = this;
    const verify = jwtVerifier.verifyIdToken.bind(jwtVerifier);
    jwtVerifier.verifyIdToken = (idToken) => verify(idToken).catch(keysToOutage);
    const getToken = this.getAccessToken;

    this.getAccessToken = async (resource, organizationId) => {
      const get = () => getToken.call(this, resource, organizationId);
      if (this.#hasToken(resource, organizationId)) return get();
      const turn = { signal: AbortSignal.timeout(30_000) };
      const run = async () => {
        if (this.#pause && Date.now() < this.#pause.until) throw this.#pause.error;
        try {
          return await get();
        } catch (error) {
          if (isSessionOver(error)) await this.clearAllTokens();
          // The access token came, only the ID token with it was refused (this device's clock is
          // wrong) or could not be stored (storage is full).
          else if (this.#hasToken(resource, organizationId)) return get();
          if (error instanceof OutageError && error.status === 429) {
            this.#pause = { until: Date.now() + (error.retryAfterMs ?? 2_000), error };
          }
          throw error;
        }
      };
      const lock = `logto:${config.appId}:token`;
      return navigator.locks.request(lock, turn, run).catch((error: unknown) => {
        throw error === turn.signal.reason ? new OutageError('logto') : error;
      });
    };
  }

  /** Rejects when Logto can't be reached. The session in this browser is over in any case. */
  override async signOut(postLogoutRedirectUri?: string): Promise<void> {
    const token = await this.getRefreshToken();
    await this.clearAllTokens();
    const { revocationEndpoint } = await this.getOidcConfig();
    // Nobody waits for this: it outlives the page, and Logto ends the session without it, too.
    if (token) {
      const body = new URLSearchParams({ client_id: this.logtoConfig.appId, token });
      const options = { method: 'POST', body, keepalive: true };
      fetch(revocationEndpoint, options).catch(() => undefined);
    }
    await super.signOut(postLogoutRedirectUri);
  }

  /** Whether the token is in memory and not about to expire. The key's format is the SDK's. */
  #hasToken(resource = '', organizationId?: string): boolean {
    const key = `@${resource}${organizationId ? `#${organizationId}` : ''}`;
    const { expiresAt = 0 } = this.accessTokenMap.get(key) ?? {};
    return expiresAt > Date.now() / 1000 + 1;
  }
}

/** Asks Logto. An error without a code of Logto's comes from a proxy: an outage. */
async function request<T>(...[input, init]: Parameters<typeof fetch>): Promise<T> {
  const signal = AbortSignal.timeout(10_000);
  const response = await fetch(input, { ...init, signal }).catch(() => undefined);
  const body: unknown = await response
    ?.clone()
    .json()
    .catch(() => undefined);
  if (response?.ok && body !== undefined) return body as T;
  const { data } = anError.safeParse(body);
  const status = response?.status ?? 503;
  if (data && status < 500 && status !== 429) throw new ApiError(status, data.code, data.message);
  throw new OutageError('logto', status, response && retryAfterMs(response.headers));
}

/** The SDK fetches the keys of ID tokens without {@link request}. */
function keysToOutage(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const isOutage = code === 'ERR_JWKS_TIMEOUT' || code === 'ERR_JOSE_GENERIC';
  throw isOutage || error instanceof TypeError ? new OutageError('logto') : error;
}

function isSessionOver(error: unknown): boolean {
  if (error instanceof LogtoClientError) return error.code === 'not_authenticated';
  return error instanceof ApiError && error.code === 'oidc.invalid_grant';
}
