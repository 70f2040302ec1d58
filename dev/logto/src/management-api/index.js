import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import { accessRoutes } from './access.js';
import { customClaimsRoutes } from './custom-claims.js';
import { answerErrors } from './errors.js';
import { hookRoutes } from './hooks.js';
import { resourceRoutes } from './resources.js';
import { sessionRoutes } from './sessions.js';
import { requireManagementToken } from './token.js';
import { userRoutes } from './users.js';

/**
 * A part of Logto's Management API.
 *
 * @param {string} issuer
 * @param {import('../tenant.js').Tenant} tenant
 */
export function managementApi(issuer, tenant) {
  const router = new Router();
  router.use(answerErrors);
  router.use(requireManagementToken(issuer, tenant.keys.signingKey));
  router.use(
    bodyParser({
      enableTypes: ['json', 'form', 'text'],
      onError: (error) => {
        throw error;
      },
    }),
  );
  userRoutes(router, tenant);
  sessionRoutes(router, tenant);
  accessRoutes(router, tenant);
  hookRoutes(router, tenant);
  resourceRoutes(router, tenant);
  customClaimsRoutes(router, tenant);
  return new Koa().use(router.routes()).use(router.allowedMethods());
}
