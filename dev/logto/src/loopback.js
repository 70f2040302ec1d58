import { once } from 'node:events';
import { createServer } from 'node:http';

/** Both addresses of `localhost`. Some clients try the one first, some the other. */
const addresses = ['127.0.0.1', '::1'];

/**
 * Listens on one port of the loopback addresses that this machine has.
 *
 * @param {number} port 0 picks a free one.
 * @param {Promise<import('node:http').RequestListener>} handler Requests wait for it.
 * @returns {Promise<{ port: number, close: () => Promise<void> }>}
 * @throws {Error} if the port is in use (code EADDRINUSE) or not permitted (EACCES).
 */
export async function listenOnLoopback(port, handler) {
  /** @type {import('node:http').Server[]} */
  const servers = [];
  const close = async () => {
    for (const server of servers) server.close().closeAllConnections();
  };
  for (const address of addresses) {
    const server = createServer(async (request, response) => (await handler)(request, response));
    try {
      await once(server.listen(port, address), 'listening');
    } catch (error) {
      const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
      if (servers.length > 0 && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(code)) continue;
      await close();
      throw error;
    }
    servers.push(server);
    port = /** @type {import('node:net').AddressInfo} */ (server.address()).port;
  }
  return { port, close };
}
