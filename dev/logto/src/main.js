import { fileURLToPath } from 'node:url';
import { demo } from './demo.js';
import { Lifetimes } from './lifetimes.js';
import { startServer } from './server.js';

const defaultDataDirectory = fileURLToPath(new URL('../.data', import.meta.url));

/** Seconds. */
const maxLifetime = 180 * 24 * 3600;

/**
 * Starts the provider from the environment, and stops it on SIGINT or SIGTERM.
 *
 * @param {NodeJS.ProcessEnv} env
 */
async function main(env) {
  if (env.NODE_ENV === 'production') {
    throw new Error(
      'This identity provider is for development only and does not run with NODE_ENV=production.',
    );
  }
  const port = wholeNumber('PORT', env.PORT, 65535) ?? 3001;
  const seconds = (/** @type {string} */ name) => wholeNumber(name, env[name], maxLifetime);
  const server = await startServer({
    port,
    dataDirectory: env.DATA_DIR || defaultDataDirectory,
    seed: demo,
    lifetimes: new Lifetimes({
      accessToken: seconds('ACCESS_TOKEN_TTL'),
      refreshToken: seconds('REFRESH_TOKEN_TTL'),
      session: seconds('SESSION_TTL'),
    }),
  });
  console.log(`Local identity provider, for development only: ${server.issuer}`);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.once(signal, () => server.close());
  }
}

/**
 * @param {string} name
 * @param {string | undefined} text
 * @param {number} maximum
 */
function wholeNumber(name, text, maximum) {
  if (!text) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= maximum) return value;
  throw new Error(`${name} must be a whole number from 1 to ${maximum}.`);
}

try {
  await main(process.env);
} catch (error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
  console.error(
    code === 'EADDRINUSE'
      ? `Port ${process.env.PORT || 3001} is in use. Stop the program that holds it, or set PORT.`
      : message,
  );
  process.exitCode = 1;
}
