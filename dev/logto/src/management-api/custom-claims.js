import { z } from 'zod';
import { guard, notFound } from './errors.js';

const path = '/configs/jwt-customizer/access-token';
const newCustomizer = z.object({
  script: z.string(),
  environmentVariables: z.record(z.string()).optional(),
});

/**
 * The script for custom token claims: read, set, remove.
 *
 * @param {import('@koa/router')} router
 * @param {import('../tenant.js').Tenant} tenant
 */
export function customClaimsRoutes(router, { customizer }) {
  router.get(path, (ctx) => {
    ctx.body = customizer.data;
    if (!ctx.body) throw notFound();
  });

  router.put(path, async (ctx) => {
    const body = guard('body', newCustomizer, ctx);
    ctx.status = customizer.data ? 200 : 201;
    customizer.data = body;
    await customizer.save();
    ctx.body = body;
  });

  router.delete(path, async (ctx) => {
    if (!customizer.data) throw notFound();
    customizer.data = null;
    await customizer.save();
    ctx.status = 204;
  });
}
