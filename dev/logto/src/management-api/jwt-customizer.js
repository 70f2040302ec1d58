import { z } from 'zod';
import { notFound } from './error.js';
import { guard } from './guard.js';

const path = '/configs/jwt-customizer/access-token';
const customizer = z.object({
  script: z.string(),
  environmentVariables: z.record(z.string()).optional(),
});

/**
 * Custom token claims: read, set, remove.
 *
 * @param {import('@koa/router')} router
 * @param {import('../jwt-customizer.js').JwtCustomizer} jwtCustomizer
 */
export function jwtCustomizerRoutes(router, jwtCustomizer) {
  router.get(path, (ctx) => {
    ctx.body = jwtCustomizer.get();
    if (!ctx.body) throw notFound();
  });

  router.put(path, async (ctx) => {
    const body = guard('body', customizer, ctx);
    ctx.status = jwtCustomizer.get() ? 200 : 201;
    await jwtCustomizer.set(body);
    ctx.body = body;
  });

  router.delete(path, async (ctx) => {
    if (!jwtCustomizer.get()) throw notFound();
    await jwtCustomizer.set(null);
    ctx.status = 204;
  });
}
