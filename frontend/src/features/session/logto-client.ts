import LogtoClient, {
  createRequester,
  LogtoClientError,
  LogtoRequestError,
  type LogtoConfig,
} from '@logto/browser';
import { retryAfterMs } from '../api/retry-after';

/** How long Logto may take for an answer. */
const answerMs = 10_000;
/** How long nobody asks after a 429, when it doesn't say. */
const pauseMs = 2_000;
/** How long a token request waits for those before it. */
const turnMs = 30_000;

/**
 * The SDK's client, with some faults put right:
 *
 * - Refresh tokens rotate, so two requests at the same moment (two resources, two organizations,
 *   two tabs) would present the same one, and the loser's session would die. A Web Lock lets one
 *   request through at a time, over all tabs of this origin. Tokens in memory don't wait for it.
 * - When the provider refuses the refresh token the session is over, yet the SDK keeps the ID token
 *   and goes on calling the person authenticated. Here the tokens are dropped, so that "an ID token
 *   is stored" means "there is a session", and a failure that leaves it there is an outage.
 * - The SDK waits for answers without end. Here each request and each wait has a limit.
 * - After a 429 every token request would ask again by itself. Here none does until Logto has time.
 * - The SDK keeps the tokens until the provider has revoked them. Here a sign-out drops them first.
 */
export class SerialLogtoClient extends LogtoClient {
  declare readonly getAccessToken: LogtoClient['getAccessToken'];
  #pause: { until: number; error: unknown } | undefined;

  constructor(config: LogtoConfig, enableCache?: boolean) {
    super(config, enableCache);
    this.adapter.requester = createRequester((input, init) =>
      fetch(input, { ...init, signal: AbortSignal.timeout(answerMs) }),
    );
    const getToken = this.getAccessToken;

    this.getAccessToken = async (resource, organizationId) => {
      const get = () => getToken.call(this, resource, organizationId);
      if (this.#hasToken(resource, organizationId)) return get();
      const turn = { signal: AbortSignal.timeout(turnMs) };
      return navigator.locks.request(`logto:${config.appId}:token`, turn, async () => {
        if (this.#pause && Date.now() < this.#pause.until) throw this.#pause.error;
        try {
          return await get();
        } catch (error) {
          if (isSessionOver(error)) await this.clearAllTokens();
          const response = responseOf(error);
          if (response?.status === 429) {
            const wait = retryAfterMs(response.headers.get('Retry-After')) ?? pauseMs;
            this.#pause = { until: Date.now() + wait, error };
          }
          throw error;
        }
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

function isSessionOver(error: unknown): boolean {
  return (
    (error instanceof LogtoRequestError && error.code === 'oidc.invalid_grant') ||
    (error instanceof LogtoClientError && error.code === 'not_authenticated')
  );
}

/** The answer that an error of the SDK is about. */
export function responseOf(error: unknown): Response | undefined {
  return error instanceof LogtoRequestError && error.cause instanceof Response
    ? error.cause
    : undefined;
}
