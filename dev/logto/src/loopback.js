import { once } from 'node:events';
import { createServer } from 'node:http';

/** Both meanings of `localhost`: browsers and Node try either first. */
const addresses = ['127.0.0.1', '::1'];

/** Milliseconds that requests under way get to finish when the server closes. */
const grace = 2000;

/**
 * Listens on the loopback addresses this machine has, on one port.
 *
 * @param {number} port 0 picks a free one.
 * @param {Promise<import('node:http').RequestListener>} handler Requests wait until it is there.
 * @returns {Promise<{ port: number, close: () => Promise<void> }>}
 * @throws {Error} when the port is taken (code EADDRINUSE) or not permitted (EACCES).
 */
export async function listenOnLoopback(port, handler) {
  /** @type {import('node:http').Server[]} */
  const servers = [];
  for (const address of addresses) {
    const server = createServer(async (request, response) => (await handler)(request, response));
    try {
      server.listen(port, address);
      await once(server, 'listening');
    } catch (error) {
      if (servers.length > 0 && isAbsent(error)) continue;
      await closeAll(servers);
      throw error;
    }
    servers.push(server);
    port = /** @type {import('node:net').AddressInfo} */ (server.address()).port;
  }
  return { port, close: () => closeAll(servers) };
}

/** @param {unknown} error */
function isAbsent(error) {
  const { code } = /** @type {NodeJS.ErrnoException} */ (error);
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
}

/** @param {import('node:http').Server[]} servers */
async function closeAll(servers) {
  const timer = setTimeout(() => servers.forEach((server) => server.closeAllConnections()), grace);
  await Promise.all(
    servers.map((server) => {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      return closed;
    }),
  );
  clearTimeout(timer);
}
