import Koa from 'koa';
import mount from 'koa-mount';
import { listenOnLoopback } from './loopback.js';
import { managementApi } from './management-api/index.js';
import { startPage } from './page.js';
import { peopleRoutes } from './people.js';
import { createProvider } from './provider.js';
import { signInRoutes } from './sign-in.js';
import { openTenant } from './tenant.js';

/** With DNS rebinding a website can reach a loopback port, but only under its own name. */
const hostnames = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Starts the identity provider on the loopback addresses.
 *
 * @param {object} options
 * @param {number} options.port 0 picks a free one.
 * @param {string} options.dataDirectory
 * @param {import('./seed.js').Seed} options.seed
 * @returns {Promise<{ endpoint: string, issuer: string, close: () => Promise<void> }>}
 * @throws {Error} if the port is in use (code EADDRINUSE) or a data file can't be read.
 */
export async function startServer({ port, dataDirectory, seed }) {
  const tenant = await openTenant(dataDirectory, seed);
  /** @type {(handler: import('node:http').RequestListener) => void} */
  let serve = () => {};
  const listener = await listenOnLoopback(port, new Promise((resolve) => (serve = resolve)));
  const endpoint = `http://localhost:${listener.port}`;
  const issuer = `${endpoint}/oidc`;
  const provider = createProvider(issuer, tenant);

  const app = new Koa();
  app.use(rejectOtherHosts);
  app.use(mount('/oidc', provider.app));
  app.use(mount('/api', managementApi(issuer, tenant)));
  app.use(signInRoutes(provider, tenant));
  app.use(peopleRoutes(tenant));
  app.use(startPage);
  serve(app.callback());
  return { endpoint, issuer, close: listener.close };
}

/** @type {Koa.Middleware} */
async function rejectOtherHosts(ctx, next) {
  if (hostnames.includes(ctx.hostname)) return next();
  ctx.status = 421;
  ctx.body = 'This identity provider answers for localhost only.';
}
