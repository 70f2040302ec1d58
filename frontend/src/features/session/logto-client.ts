import LogtoClient, { LogtoClientError, LogtoRequestError, type LogtoConfig } from '@logto/browser';

/**
 * The SDK's client, with two faults of token requests put right:
 *
 * - Refresh tokens rotate, so two requests at the same moment (two resources, two organizations,
 *   two tabs) would present the same one, and the loser's session would die. A Web Lock lets one
 *   request through at a time, over all tabs of this origin.
 * - When the provider refuses the refresh token the session is over, yet the SDK keeps the ID token
 *   and goes on calling the person authenticated. Here the tokens are dropped, so that "an ID token
 *   is stored" means "there is a session", and a failure that leaves it there is an outage.
 */
export class SerialLogtoClient extends LogtoClient {
  declare readonly getAccessToken: LogtoClient['getAccessToken'];

  constructor(config: LogtoConfig, enableCache?: boolean) {
    super(config, enableCache);
    const requestToken = this.getAccessToken;

    this.getAccessToken = (resource, organizationId) =>
      navigator.locks.request(`logto:${config.appId}:token`, async () => {
        try {
          return await requestToken.call(this, resource, organizationId);
        } catch (error) {
          if (isSessionOver(error)) await this.clearAllTokens();
          throw error;
        }
      });
  }
}

function isSessionOver(error: unknown): boolean {
  return (
    (error instanceof LogtoRequestError && error.code === 'oidc.invalid_grant') ||
    (error instanceof LogtoClientError && error.code === 'not_authenticated')
  );
}
