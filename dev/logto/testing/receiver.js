import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * Receives webhooks until the test ends.
 *
 * @param {import('./provider.js').Owner} owner
 * @param {import('node:http').RequestListener} [answer] 200 if left out.
 */
export async function startReceiver(owner, answer = (_request, response) => response.end()) {
  /** @type {{ headers: import('node:http').IncomingHttpHeaders, rawBody: string, body: any }[]} */
  const deliveries = [];
  const server = createServer(async (request, response) => {
    const rawBody = await text(request);
    deliveries.push({ headers: request.headers, rawBody, body: JSON.parse(rawBody) });
    server.emit('delivery');
    answer(request, response);
  });
  await once(server.listen(0, 'localhost'), 'listening');
  owner.after(() => server.close().closeAllConnections());
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://localhost:${port}/webhooks`,
    deliveries,

    /**
     * Waits for the first delivery of an event, and removes it.
     *
     * @param {string} event
     */
    async received(event) {
      for (;;) {
        const index = deliveries.findIndex(({ body }) => body.event === event);
        const [delivery] = index < 0 ? [] : deliveries.splice(index, 1);
        if (delivery) return delivery;
        await once(server, 'delivery');
      }
    },
  };
}
