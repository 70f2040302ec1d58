import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Accounts } from './accounts.js';
import { Administration } from './administration.js';
import { JsonFile } from './json-file.js';
import { loadKeys } from './keys.js';
import { OidcStorage } from './oidc-storage.js';
import { Webhooks } from './webhooks.js';

/** @typedef {Awaited<ReturnType<typeof openTenant>>} Tenant */

/**
 * Opens what the endpoints and pages work on.
 *
 * @param {string} directory Made if missing. Only this user can read it.
 * @param {import('./seed.js').Seed} seed
 * @throws {Error} if a file can't be read.
 */
export async function openTenant(directory, seed) {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = (/** @type {string} */ name) => join(directory, name);
  const accounts = await Accounts.open(path('accounts.json'), seed);
  const oidcStorage = new OidcStorage(await JsonFile.open(path('oidc.json'), () => ({})));
  /** @type {JsonFile<import('./custom-claims.js').Customizer | null>} */
  const customizer = await JsonFile.open(path('jwt-customizer.json'), () => null);
  const webhooks = new Webhooks(seed.hooks);
  return {
    seed,
    keys: await loadKeys(path('keys.json')),
    /** The Management API can change the lifetimes until the next start. */
    resources: seed.resources.map((resource) => ({ ...resource, accessTokenTtl: 3600 })),
    accounts,
    oidcStorage,
    webhooks,
    customizer,
    administration: new Administration(accounts, webhooks, oidcStorage),
  };
}
