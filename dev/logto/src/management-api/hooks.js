import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { isLoopbackUrl, webhookEvents } from '../webhooks.js';
import { guard, ManagementError, notExists, notFound } from './errors.js';

const hook = z.object({
  name: z.string(),
  events: z.enum(webhookEvents).array().nonempty(),
  config: z.object({
    url: z.string().refine(isLoopbackUrl, 'The address must be on this machine (loopback)'),
    headers: z.record(z.string()).optional(),
  }),
  enabled: z.boolean(),
});
const newHook = hook.partial({ name: true, events: true, enabled: true });

/**
 * Webhooks: list, read, add, change, delete.
 *
 * @param {import('@koa/router')} router
 * @param {import('../tenant.js').Tenant} tenant
 */
export function hookRoutes(router, { webhooks: { hooks } }) {
  router.get('/hooks', (ctx) => {
    ctx.body = [...hooks.values()].map(answer);
  });

  router.get('/hooks/:id', (ctx) => {
    ctx.body = answer(find(ctx.params.id));
  });

  router.post('/hooks', (ctx) => {
    const { name = '', events, config, enabled = true } = guard('body', newHook, ctx);
    if (!events) {
      throw new ManagementError(
        400,
        'hook.missing_events',
        'You need to provide at least one event.',
      );
    }
    const id = randomBytes(16).toString('hex').slice(0, 21);
    const signingKey = randomBytes(24).toString('base64url');
    hooks.set(id, { id, name, events, config, signingKey, enabled, createdAt: Date.now() });
    ctx.status = 201;
    ctx.body = answer(find(id));
  });

  router.patch('/hooks/:id', (ctx) => {
    const changed = { ...find(ctx.params.id), ...guard('body', hook.partial(), ctx) };
    hooks.set(changed.id, changed);
    ctx.body = answer(changed);
  });

  router.delete('/hooks/:id', (ctx) => {
    if (!hooks.delete(ctx.params.id ?? '')) throw notFound();
    ctx.status = 204;
  });

  function find(id = '') {
    const hook = hooks.get(id);
    if (!hook) throw notExists('hooks', id);
    return hook;
  }
}

/** @param {import('../webhooks.js').Hook} hook */
function answer(hook) {
  return { tenantId: 'default', ...hook, event: null };
}
