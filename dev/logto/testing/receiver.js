import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * @typedef {object} Delivery
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {string} rawBody
 * @property {any} body
 */

/**
 * A receiver of webhooks, stopped after the test.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('node:http').RequestListener} [answer] 200 if left out.
 */
export async function startReceiver(t, answer = (_request, response) => response.end()) {
  /** @type {Delivery[]} */
  const deliveries = [];
  /** @type {(() => void)[]} */
  let waiting = [];
  const server = createServer(async (request, response) => {
    const rawBody = await text(request);
    deliveries.push({ headers: request.headers, rawBody, body: JSON.parse(rawBody) });
    for (const wake of waiting) wake();
    waiting = [];
    answer(request, response);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://localhost:${port}/webhooks`,
    deliveries,

    /**
     * The first delivery of an event, as soon as it is there. They may arrive in any order.
     *
     * @param {string} event
     * @returns {Promise<Delivery>}
     */
    async received(event) {
      for (;;) {
        const delivery = deliveries.find(({ body }) => body.event === event);
        if (delivery) return delivery;
        await /** @type {Promise<void>} */ (new Promise((resolve) => waiting.push(resolve)));
      }
    },
  };
}
