import { z } from 'zod';
import { guard, notFound } from './errors.js';

const path = '/configs/jwt-customizer/access-token';
const customizer = z.object({
  script: z.string(),
  environmentVariables: z.record(z.string()).optional(),
});

/**
 * The script for custom token claims: read, set, remove.
 *
 * @param {import('@koa/router')} router
 * @param {import('../tenant.js').Tenant} tenant
 */
export function customClaimsRoutes(router, { customClaims }) {
  router.get(path, (ctx) => {
    ctx.body = customClaims.customizer;
    if (!ctx.body) throw notFound();
  });

  router.put(path, async (ctx) => {
    const body = guard('body', customizer, ctx);
    ctx.status = customClaims.customizer ? 200 : 201;
    await customClaims.set(body);
    ctx.body = body;
  });

  router.delete(path, async (ctx) => {
    if (!customClaims.customizer) throw notFound();
    await customClaims.set(null);
    ctx.status = 204;
  });
}
