import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { DeliveryError, isLoopbackUrl, webhookEvents } from '../webhooks.js';
import { testPayload } from '../sample-delivery.js';
import { ManagementError, notExists, notFound } from './error.js';
import { guard } from './guard.js';

const events = z.enum(webhookEvents).array().nonempty();
const config = z.object({
  url: z.string().refine(isLoopbackUrl, 'The address must be on this machine (loopback)'),
  headers: z.record(z.string()).optional(),
});
const newHook = z.object({
  name: z.string().default(''),
  events: events.optional(),
  config,
  enabled: z.boolean().default(true),
});
const hookChanges = z.object({ name: z.string(), events, config, enabled: z.boolean() }).partial();

/**
 * Webhooks: list, read, add, change, test, delete.
 *
 * @param {import('@koa/router')} router
 * @param {import('../webhooks.js').Webhooks} webhooks
 */
export function hookRoutes(router, webhooks) {
  router.get('/hooks', (ctx) => {
    ctx.body = webhooks.list().map(answer);
  });

  router.get('/hooks/:id', (ctx) => {
    ctx.body = answer(hookOf(ctx));
  });

  router.post('/hooks', (ctx) => {
    const { events = [], ...fields } = guard('body', newHook, ctx);
    if (events.length === 0) {
      throw new ManagementError(
        400,
        'hook.missing_events',
        'You need to provide at least one event.',
      );
    }
    const hook = {
      id: randomBytes(16).toString('hex').slice(0, 21),
      ...fields,
      events,
      signingKey: randomBytes(24).toString('base64url'),
      createdAt: Date.now(),
    };
    webhooks.set(hook);
    ctx.status = 201;
    ctx.body = answer(hook);
  });

  router.patch('/hooks/:id', (ctx) => {
    const hook = { ...hookOf(ctx), ...guard('body', hookChanges, ctx) };
    webhooks.set(hook);
    ctx.body = answer(hook);
  });

  router.post('/hooks/:id/test', async (ctx) => {
    const body = guard('body', z.object({ events, config }), ctx);
    const { id, signingKey } = hookOf(ctx);
    try {
      await Promise.all(
        body.events.map((event) =>
          webhooks.deliver({ config: body.config, signingKey }, testPayload(id, event)),
        ),
      );
    } catch (error) {
      throw testFailure(error);
    }
    ctx.status = 204;
  });

  router.delete('/hooks/:id', (ctx) => {
    if (!webhooks.remove(ctx.params.id ?? '')) throw notFound();
    ctx.status = 204;
  });

  /** @param {{ params: Record<string, string> }} ctx */
  function hookOf({ params: { id = '' } }) {
    const hook = webhooks.find(id);
    if (!hook) throw notExists('hooks', id);
    return hook;
  }
}

/** @param {import('../webhooks.js').Hook} hook */
function answer(hook) {
  return { tenantId: 'default', ...hook, event: null };
}

/** @param {unknown} error */
function testFailure(error) {
  if (error instanceof DeliveryError) {
    return new ManagementError(
      422,
      'hook.endpoint_responded_with_error',
      'Endpoint responded with error.',
      { data: { responseStatus: error.status, responseBody: error.body } },
    );
  }
  return new ManagementError(
    422,
    'hook.send_test_payload_failed',
    `Failed to send test payload: ${error}`,
  );
}
