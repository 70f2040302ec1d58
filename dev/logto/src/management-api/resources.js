import { z } from 'zod';
import { guard, notExists } from './errors.js';

const changes = z.object({ accessTokenTtl: z.number().int().positive() }).partial();

/**
 * API resources: list, and change the lifetime of their access tokens until the next start.
 *
 * @param {import('@koa/router')} router
 * @param {import('../tenant.js').Tenant} tenant
 */
export function resourceRoutes(router, { resources }) {
  router.get('/resources', (ctx) => {
    ctx.body = resources.map(answer);
  });

  router.patch('/resources/:id', (ctx) => {
    const body = guard('body', changes, ctx);
    const resource = resources.find(({ id }) => id === ctx.params.id);
    if (!resource) throw notExists('resources', ctx.params.id);
    ctx.body = answer(Object.assign(resource, body));
  });
}

/** @param {import('../tenant.js').Tenant['resources'][number]} resource */
function answer({ id, name, indicator, accessTokenTtl }) {
  return { tenantId: 'default', id, name, indicator, isDefault: false, accessTokenTtl };
}
