import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import { accessRoutes } from './access.js';
import { answerErrors } from './error.js';
import { hookRoutes } from './hooks.js';
import { jwtCustomizerRoutes } from './jwt-customizer.js';
import { resourceRoutes } from './resources.js';
import { sessionRoutes } from './sessions.js';
import { requireManagementToken } from './token.js';
import { userRoutes } from './users.js';

const bodyLimit = '1mb';

/**
 * The part of Logto's Management API that this provider has. Mounted under `/api`.
 *
 * @param {object} options
 * @param {string} options.issuer
 * @param {import('../keys.js').Keys['signingKey']} options.signingKey
 * @param {import('../seed.js').Seed} options.seed
 * @param {import('../accounts.js').Accounts} options.accounts
 * @param {import('../administration.js').Administration} options.administration
 * @param {import('../oidc-storage.js').OidcStorage} options.oidcStorage
 * @param {import('../webhooks.js').Webhooks} options.webhooks
 * @param {import('../lifetimes.js').Lifetimes} options.lifetimes
 * @param {import('../jwt-customizer.js').JwtCustomizer} options.jwtCustomizer
 */
export function managementApi({
  issuer,
  signingKey,
  seed,
  accounts,
  administration,
  oidcStorage,
  webhooks,
  lifetimes,
  jwtCustomizer,
}) {
  const router = new Router();
  router.use(answerErrors);
  router.use(requireManagementToken(issuer, signingKey));
  router.use(
    bodyParser({
      enableTypes: ['json', 'form', 'text'],
      jsonLimit: bodyLimit,
      onError: (error) => {
        throw error;
      },
    }),
  );
  userRoutes(router, accounts, administration);
  sessionRoutes(router, oidcStorage);
  accessRoutes(router, accounts, administration, seed);
  hookRoutes(router, webhooks);
  resourceRoutes(router, lifetimes, seed);
  jwtCustomizerRoutes(router, jwtCustomizer);
  return new Koa().use(router.routes()).use(router.allowedMethods());
}
