import { z } from 'zod';
import { guard, ManagementError } from './errors.js';

const revocation = z.object({ revokeGrantsTarget: z.enum(['all', 'firstParty']).optional() });

/**
 * People's sessions: list, end. All applications here are first-party.
 *
 * @param {import('@koa/router')} router
 * @param {import('../tenant.js').Tenant} tenant
 */
export function sessionRoutes(router, { oidcStorage }) {
  router.get('/users/:userId/sessions', (ctx) => {
    const { userId: accountId = '' } = ctx.params;
    ctx.body = {
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
    const session = oidcStorage.findSession(ctx.params.sessionId ?? '');
    if (!session || session.payload.accountId !== ctx.params.userId) {
      throw new ManagementError(404, 'oidc.session_not_found', 'Session not found.');
    }
    await oidcStorage.revokeSession(session, revokeGrantsTarget !== undefined);
    ctx.status = 204;
  });
}
