import LogtoClient, { LogtoClientError, type LogtoConfig } from '@logto/browser';
import { anError, ApiError, OutageError, retryAfterMs } from './errors';

/** How long Logto may take for an answer, and a token request waits for those before it. */
const [answerMs, turnMs] = [10_000, 30_000];
/** How long nobody asks after a 429, when it doesn't say. */
const pauseMs = 2_000;

/**
 * The SDK's client, with some faults put right:
 *
 * - Refresh tokens rotate, so of two requests at once (two organizations, two tabs) the loser's
 *   session would die. A Web Lock lets one through at a time, over all tabs of this origin. Tokens in
 *   memory don't wait for it.
 * - When the refresh token is refused the session is over, yet the SDK keeps the ID token. Here the
 *   tokens are dropped, so that a failure that leaves them there is an outage.
 * - The SDK waits without end. Here each request and each wait has a limit.
 * - After a 429 every token request would ask again. Here none does until Logto has time.
 * - Refusals are {@link ApiError}, and not written into the console. What passes is an outage.
 * - A sign-out drops the tokens before it tells Logto, not after.
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
      const turn = { signal: AbortSignal.timeout(turnMs) };
      const run = async () => {
        if (this.#pause && Date.now() < this.#pause.until) throw this.#pause.error;
        try {
          return await get();
        } catch (error) {
          if (isSessionOver(error)) await this.clearAllTokens();
          // The token has come, and only what came with it is of no use: a wrong clock makes a new
          // ID token look too old or too new, a full storage takes neither.
          else if (this.#hasToken(resource, organizationId)) return get();
          if (error instanceof OutageError && error.isBusy) {
            this.#pause = { until: Date.now() + (error.retryAfterMs ?? pauseMs), error };
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
    // Not waited for: the request outlives the page, and the session at Logto ends without it, too.
    if (token) {
      const body = new URLSearchParams({ client_id: this.logtoConfig.appId, token });
      const revocation = fetch(revocationEndpoint, { method: 'POST', body, keepalive: true });
      void revocation.catch(() => undefined);
    }
    await super.signOut(postLogoutRedirectUri);
  }

  /** Whether the token is in memory and good for another moment. The key is the SDK's. */
  #hasToken(resource = '', organizationId?: string): boolean {
    const key = `@${resource}${organizationId ? `#${organizationId}` : ''}`;
    const { expiresAt = 0 } = this.accessTokenMap.get(key) ?? {};
    return expiresAt > Date.now() / 1000 + 1;
  }
}

/** Asks Logto. An answer without Logto's code is of somebody in between. */
async function request<T>(...[input, init]: Parameters<typeof fetch>): Promise<T> {
  const signal = AbortSignal.timeout(answerMs);
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

/** The keys that ID tokens are signed with come past the requester. */
function keysToOutage(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const isOutage =
    error instanceof TypeError || code === 'ERR_JWKS_TIMEOUT' || code === 'ERR_JOSE_GENERIC';
  throw isOutage ? new OutageError('logto') : error;
}

function isSessionOver(error: unknown): boolean {
  if (error instanceof LogtoClientError) return error.code === 'not_authenticated';
  return error instanceof ApiError && error.code === 'oidc.invalid_grant';
}
