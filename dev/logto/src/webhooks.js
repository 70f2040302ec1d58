import { createHmac } from 'node:crypto';

/** Some of Logto's events. The provider sends these. */
export const webhookEvents = /** @type {const} */ ([
  'PostRegister',
  'PostSignIn',
  'User.Created',
  'User.Deleted',
  'User.Data.Updated',
  'User.SuspensionStatus.Updated',
  'Organization.Membership.Updated',
]);

/**
 * A hook as in Logto's Management API.
 *
 * @typedef {object} Hook
 * @property {string} id
 * @property {string} name
 * @property {string[]} events
 * @property {{ url: string, headers?: Record<string, string> }} config
 * @property {string} signingKey
 * @property {boolean} enabled
 * @property {number} createdAt Milliseconds since 1970.
 *
 * @typedef {typeof webhookEvents[number]} WebhookEvent
 */

/**
 * Sends webhooks. As in Logto there is one attempt for each, nobody waits for it, and the order may
 * change. Hooks that were added are gone after a restart.
 */
export class Webhooks {
  #timeout;

  /**
   * @param {Hook[]} hooks
   * @param {number} [timeout] Milliseconds that a receiver has to answer. 10 seconds as in Logto.
   */
  constructor(hooks, timeout = 10_000) {
    this.hooks = new Map(hooks.map((hook) => [hook.id, hook]));
    this.#timeout = timeout;
  }

  /**
   * Sends an event to the hooks that are for it, and logs the failures.
   *
   * @param {WebhookEvent} event
   * @param {object} payload
   */
  send(event, payload) {
    const createdAt = new Date().toISOString();
    for (const hook of this.hooks.values()) {
      if (!hook.enabled || !hook.events.includes(event)) continue;
      this.#deliver(hook, { event, createdAt, ...payload, hookId: hook.id }).catch((error) => {
        const { origin, pathname } = new URL(hook.config.url);
        const reason = error.cause?.code ?? error.message;
        console.error(`Webhook ${event} to ${origin}${pathname} failed: ${reason}`);
      });
    }
  }

  /** @param {Hook} hook @param {object} payload */
  async #deliver({ config, signingKey }, payload) {
    const body = JSON.stringify(payload);
    const response = await fetch(config.url, {
      method: 'POST',
      headers: {
        'user-agent': 'Logto (https://logto.io/)',
        ...config.headers,
        'content-type': 'application/json',
        'logto-signature-sha-256': createHmac('sha256', signingKey).update(body).digest('hex'),
      },
      body,
      // A redirect could lead to another machine.
      redirect: 'manual',
      signal: AbortSignal.timeout(this.#timeout),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
  }
}

/**
 * Whether an address is on this machine.
 *
 * @param {string} url
 */
export function isLoopbackUrl(url) {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return /^https?:$/.test(protocol) && /^(localhost|\[::1\]|127(\.\d+){3})$/.test(hostname);
}
