import LogtoClient, { LogtoClientError, LogtoRequestError, type LogtoConfig } from '@logto/browser';
import * as z from 'zod/mini';
import { ApiError, OutageError, retryAfterMs } from './errors';

/** How long Logto may take for an answer. */
const answerMs = 10_000;
/** How long nobody asks after a 429, when it doesn't say. */
const pauseMs = 2_000;
/** How long a token request waits for those before it. */
const turnMs = 30_000;

/**
 * The SDK's client, with some faults put right:
 *
 * - Refresh tokens rotate, so two requests at the same moment (two organizations, two tabs) would
 *   present the same one, and the loser's session would die. A Web Lock lets one request through at
 *   a time, over all tabs of this origin. Tokens in memory don't wait for it.
 * - When the provider refuses the refresh token the session is over, yet the SDK keeps the ID token
 *   and calls the person authenticated. Here the tokens are dropped, so that a failure that leaves
 *   them there is an outage.
 * - The SDK waits for answers without end. Here each request and each wait has a limit.
 * - After a 429 every token request would ask again. Here none does until Logto has time.
 * - What passes by itself is an {@link OutageError}, and no refusal is written into the console.
 * - The SDK keeps the tokens until the provider has revoked them. Here a sign-out drops them first.
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
      return navigator.locks
        .request(`logto:${config.appId}:token`, turn, run)
        .catch((cause: unknown) => {
          throw cause === turn.signal.reason ? new OutageError('logto') : cause;
        });
    };
  }

  /** Rejects when Logto can't be reached. The session in this browser is over in any case. */
  override async signOut(postLogoutRedirectUri?: string): Promise<void> {
    const token = await this.getRefreshToken();
    await this.clearAllTokens();
    const { revocationEndpoint } = await this.getOidcConfig();
    // Not waited for: the request outlives the page, and the session at Logto ends without it, too.
    if (token) void this.#revoke(revocationEndpoint, token);
    await super.signOut(postLogoutRedirectUri);
  }

  /** Whether the token is in memory and good for another moment. The key is the SDK's. */
  #hasToken(resource = '', organizationId?: string): boolean {
    const key = `@${resource}${organizationId ? `#${organizationId}` : ''}`;
    const { expiresAt = 0 } = this.accessTokenMap.get(key) ?? {};
    return expiresAt > Date.now() / 1000 + 1;
  }

  /** RFC 7009, section 2.1. */
  async #revoke(endpoint: string, token: string): Promise<void> {
    const body = new URLSearchParams({ client_id: this.logtoConfig.appId, token });
    await fetch(endpoint, { method: 'POST', body, keepalive: true }).catch(() => undefined);
  }
}

const refusal = z.object({ code: z.string(), message: z.string() });

/** Asks Logto. An answer without Logto's code is of somebody in between. */
async function request<T>(...[input, init]: Parameters<typeof fetch>): Promise<T> {
  const signal = AbortSignal.timeout(answerMs);
  const response = await fetch(input, { ...init, signal }).catch(() => undefined);
  const body: unknown = await response
    ?.clone()
    .json()
    .catch(() => undefined);
  if (response?.ok && body !== undefined) return body as T;
  const { data } = refusal.safeParse(body);
  const status = response?.status ?? 503;
  if (response && data && status < 500 && status !== 429) {
    throw new LogtoRequestError(data.code, data.message, response);
  }
  throw new OutageError('logto', status, response && retryAfterMs(response.headers));
}

/** The keys that ID tokens are signed with come past the requester. */
function keysToOutage(cause: unknown): never {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const isOutage =
    cause instanceof TypeError || code === 'ERR_JWKS_TIMEOUT' || code === 'ERR_JOSE_GENERIC';
  throw isOutage ? new OutageError('logto') : cause;
}

function isSessionOver(error: unknown): boolean {
  return (
    (error instanceof LogtoRequestError && error.code === 'oidc.invalid_grant') ||
    (error instanceof LogtoClientError && error.code === 'not_authenticated')
  );
}

/** What an error of the client means to the application: a refusal by Logto is an {@link ApiError}. */
export function fromLogtoError(error: unknown): Error {
  if (!(error instanceof LogtoRequestError)) return error as Error;
  const status = error.cause instanceof Response ? error.cause.status : 400;
  return new ApiError(status, error.code, error.message);
}
