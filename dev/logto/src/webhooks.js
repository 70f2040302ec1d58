import { createHmac } from 'node:crypto';

/** Milliseconds a receiver has to answer. */
const deliveryTimeout = 10_000;

/** The events this provider sends, of the many Logto has. */
export const webhookEvents = /** @type {const} */ ([
  'PostRegister',
  'PostSignIn',
  'User.Created',
  'User.Deleted',
  'User.Data.Updated',
  'User.SuspensionStatus.Updated',
]);

/**
 * A hook in the shape of Logto's Management API.
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

/** A receiver's refusal. */
export class DeliveryError extends Error {
  /**
   * @param {number} status
   * @param {string} body
   */
  constructor(status, body) {
    super(`HTTP ${status}`);
    this.status = status;
    this.body = body;
  }
}

/**
 * Tells receivers on this machine what happened to people. As in Logto a delivery is tried once, is
 * waited for by nobody and may overtake another; hooks that were added live until the next start.
 */
export class Webhooks {
  /** @type {Map<string, Hook>} */
  #hooks;
  #stopped = new AbortController();

  /** @param {Hook[]} hooks */
  constructor(hooks) {
    this.#hooks = new Map(hooks.map((hook) => [hook.id, hook]));
  }

  list() {
    return [...this.#hooks.values()];
  }

  /** @param {string} id */
  find(id) {
    return this.#hooks.get(id);
  }

  /** @param {Hook} hook Replaces the one with its id. */
  set(hook) {
    this.#hooks.set(hook.id, hook);
  }

  /** @param {string} id */
  remove(id) {
    return this.#hooks.delete(id);
  }

  /**
   * Sends an event to the hooks that want it. A delivery that fails is a line in the log.
   *
   * @param {WebhookEvent} event
   * @param {object} payload
   */
  send(event, payload) {
    const createdAt = new Date().toISOString();
    for (const hook of this.#hooks.values()) {
      if (!hook.enabled || !hook.events.includes(event)) continue;
      this.deliver(hook, { event, createdAt, ...payload, hookId: hook.id }).catch((error) => {
        if (this.#stopped.signal.aborted) return;
        const { origin, pathname } = new URL(hook.config.url);
        console.error(`Webhook ${event} to ${origin}${pathname} failed: ${reason(error)}`);
      });
    }
  }

  /**
   * @param {Pick<Hook, 'config' | 'signingKey'>} hook
   * @param {object} payload
   * @throws {DeliveryError | Error} when the receiver refuses, or doesn't answer in time.
   */
  async deliver({ config, signingKey }, payload) {
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
      // A redirect could lead off this machine.
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(deliveryTimeout), this.#stopped.signal]),
    });
    const answer = await response.text();
    if (!response.ok) throw new DeliveryError(response.status, answer);
  }

  /** Gives up the deliveries under way. */
  stop() {
    this.#stopped.abort();
  }
}

/**
 * Whether a hook may have this address: nothing is sent to another machine.
 *
 * @param {string} url
 */
export function isLoopbackUrl(url) {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return (
    (protocol === 'http:' || protocol === 'https:') &&
    (hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname))
  );
}

/** @param {unknown} error */
function reason(error) {
  const { message, name, cause } = /** @type {Error & { cause?: { code?: string } }} */ (error);
  if (name === 'TimeoutError') return `no answer within ${deliveryTimeout / 1000} s`;
  return cause?.code ?? message;
}
