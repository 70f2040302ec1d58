import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import Koa from 'koa';
import mount from 'koa-mount';
import { Access } from './access.js';
import { Accounts } from './accounts.js';
import { Administration } from './administration.js';
import { JwtCustomizer } from './jwt-customizer.js';
import { loadKeys } from './keys.js';
import { Lifetimes } from './lifetimes.js';
import { listenOnLoopback } from './loopback.js';
import { managementApi } from './management-api/index.js';
import { OidcStorage } from './oidc-storage.js';
import { peopleRoutes } from './people.js';
import { createProvider } from './provider.js';
import { signInRoutes } from './sign-in.js';
import { startPageRoutes } from './start-page.js';
import { Webhooks } from './webhooks.js';

/** Other names reach a loopback port through DNS rebinding only. */
const hostnames = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Starts the identity provider on the loopback addresses.
 *
 * @param {object} options
 * @param {number} options.port 0 picks a free one.
 * @param {string} options.dataDirectory Made if missing; readable by this user only.
 * @param {import('./seed.js').Seed} options.seed
 * @param {Lifetimes} [options.lifetimes]
 * @returns {Promise<{ endpoint: string, issuer: string, close: () => Promise<void> }>}
 * @throws {Error} when the port is taken (code EADDRINUSE) or a data file can't be read.
 */
export async function startServer({ port, dataDirectory, seed, lifetimes = new Lifetimes() }) {
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const path = (/** @type {string} */ name) => join(dataDirectory, name);
  const keys = await loadKeys(path('keys.json'));
  const accounts = await Accounts.open(path('accounts.json'), path('seeded.json'), seed);
  const jwtCustomizer = await JwtCustomizer.open(path('jwt-customizer.json'), seed, accounts);
  const oidcStorage = await OidcStorage.open(path('oidc.json'));
  const webhooks = new Webhooks(seed.hooks);
  const access = new Access(seed, accounts);
  const administration = new Administration(accounts, webhooks, oidcStorage);

  /** @type {(handler: import('node:http').RequestListener) => void} */
  let serve = () => {};
  const listeners = await listenOnLoopback(port, new Promise((resolve) => (serve = resolve)));
  const endpoint = `http://localhost:${listeners.port}`;
  const issuer = `${endpoint}/oidc`;
  const provider = createProvider({
    issuer,
    seed,
    keys,
    accounts,
    access,
    jwtCustomizer,
    adapter: oidcStorage.adapter,
    lifetimes,
  });

  const app = new Koa();
  app.use(refuseForeignHosts);
  app.use(mount('/oidc', provider.app));
  app.use(
    mount(
      '/api',
      managementApi({
        issuer,
        signingKey: keys.signingKey,
        seed,
        accounts,
        administration,
        oidcStorage,
        webhooks,
        lifetimes,
        jwtCustomizer,
      }),
    ),
  );
  app.use(startPageRoutes(issuer));
  app.use(signInRoutes({ provider, accounts, seed, webhooks }));
  app.use(peopleRoutes({ seed, accounts, access, administration }));
  serve(app.callback());
  return {
    endpoint,
    issuer,
    close: async () => {
      await listeners.close();
      webhooks.stop();
    },
  };
}

/** @type {Koa.Middleware} */
async function refuseForeignHosts(ctx, next) {
  if (hostnames.includes(ctx.hostname)) return next();
  ctx.status = 421;
  ctx.body = 'This identity provider answers for localhost only.';
}
