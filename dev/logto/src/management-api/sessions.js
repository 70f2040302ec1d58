import { z } from 'zod';
import { ManagementError } from './error.js';
import { guard } from './guard.js';

const revocation = z.object({ revokeGrantsTarget: z.enum(['all', 'firstParty']).optional() });

/**
 * People's sessions at this provider: list, end. All applications here are first-party.
 *
 * @param {import('@koa/router')} router
 * @param {import('../oidc-storage.js').OidcStorage} oidcStorage
 */
export function sessionRoutes(router, oidcStorage) {
  router.get('/users/:userId/sessions', ({ params, response }) => {
    const { userId: accountId = '' } = params;
    response.body = {
      sessions: oidcStorage.sessionsOf(accountId).map(({ payload, expiresAt }) => ({
        payload,
        lastSubmission: null,
        clientId: Object.keys(payload.authorizations ?? {})[0] ?? null,
        accountId,
        expiresAt,
      })),
    };
  });

  router.delete('/users/:userId/sessions/:sessionId', async (ctx) => {
    const { revokeGrantsTarget } = guard('query', revocation, ctx);
    const { userId, sessionId = '' } = ctx.params;
    const session = oidcStorage.findSession(sessionId);
    if (!session) {
      throw new ManagementError(404, 'oidc.session_not_found', 'Session not found.');
    }
    if (session.payload.accountId !== userId) {
      throw new ManagementError(
        404,
        'oidc.invalid_session_account_id',
        'Session accountId mismatch.',
      );
    }
    await oidcStorage.revokeSession(session, revokeGrantsTarget !== undefined);
    ctx.status = 204;
  });
}
