import { createHmac } from 'node:crypto';

/** The events this provider sends, of the many Logto has. */
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
  #timeLimit;
  /** @type {Set<AbortController>} */
  #underWay = new Set();
  #isStopped = false;

  /**
   * @param {Hook[]} hooks
   * @param {number} [timeLimit] Seconds a receiver has to answer; Logto's if left out.
   */
  constructor(hooks, timeLimit = 10) {
    this.#hooks = new Map(hooks.map((hook) => [hook.id, hook]));
    this.#timeLimit = timeLimit;
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
        if (this.#isStopped) return;
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
    const abort = new AbortController();
    // AbortSignal.timeout combined with another signal can be garbage-collected before its time.
    const timer = setTimeout(
      () => abort.abort(new Error(`no answer within ${this.#timeLimit} s`)),
      this.#timeLimit * 1000,
    );
    this.#underWay.add(abort);
    try {
      await post(config, signingKey, JSON.stringify(payload), abort.signal);
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(abort);
    }
  }

  /** Gives up the deliveries under way. */
  stop() {
    this.#isStopped = true;
    for (const abort of this.#underWay) abort.abort();
  }
}

/**
 * @param {Hook['config']} config
 * @param {string} signingKey
 * @param {string} body
 * @param {AbortSignal} signal
 */
async function post({ url, headers }, signingKey, body, signal) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'user-agent': 'Logto (https://logto.io/)',
      ...headers,
      'content-type': 'application/json',
      'logto-signature-sha-256': createHmac('sha256', signingKey).update(body).digest('hex'),
    },
    body,
    // A redirect could lead off this machine.
    redirect: 'manual',
    signal,
  });
  const answer = await response.text();
  if (!response.ok) throw new DeliveryError(response.status, answer);
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

/** @param {Error & { cause?: unknown }} error */
function reason({ message, cause }) {
  return /** @type {NodeJS.ErrnoException | undefined} */ (cause)?.code ?? message;
}
