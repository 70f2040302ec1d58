import { z } from 'zod';
import { notExists } from './error.js';
import { guard } from './guard.js';

const changes = z.object({ accessTokenTtl: z.number().int().positive() }).partial();

/**
 * API resources: list, and change the lifetime of their access tokens until the next start.
 *
 * @param {import('@koa/router')} router
 * @param {import('../lifetimes.js').Lifetimes} lifetimes
 * @param {import('../seed.js').Seed} seed
 */
export function resourceRoutes(router, lifetimes, seed) {
  router.get('/resources', (ctx) => {
    ctx.body = seed.resources.map(answer);
  });

  router.patch('/resources/:id', (ctx) => {
    const { accessTokenTtl } = guard('body', changes, ctx);
    const resource = seed.resources.find(({ id }) => id === ctx.params.id);
    if (!resource) throw notExists('resources', ctx.params.id ?? '');
    if (accessTokenTtl) lifetimes.setAccessToken(resource.indicator, accessTokenTtl);
    ctx.body = answer(resource);
  });

  /** @param {import('../seed.js').Resource} resource */
  function answer({ id, name, indicator }) {
    return {
      tenantId: 'default',
      id,
      name,
      indicator,
      isDefault: false,
      accessTokenTtl: lifetimes.accessToken(indicator),
    };
  }
}
