import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildStandIn } from './install.js';

/** @typedef {import('./postgres.js').Database} Database */

/** Where the configuration of the services has the local identity provider. */
const configuredProvider = 'http://localhost:3001';

/**
 * The path of the Encore CLI, or nothing if it is not installed.
 *
 * @returns {string | undefined}
 */
export function findEncore() {
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((dir) => path.join(dir, 'encore'))
    .find((file) => fs.existsSync(file));
}

/**
 * The command that runs the application in a folder on a port.
 *
 * @param {string | undefined} encore path of the Encore CLI; without one the stand-in is used
 * @param {number} port
 * @param {string} [provider] the local identity provider, if it isn't where the configuration says
 * @returns {Promise<{command: string, args: string[]}>}
 */
export async function runCommand(encore, port, provider = configuredProvider) {
  if (encore)
    return {
      command: encore,
      args: ['run', `--port=${port}`, '--browser=never', '--color=false', '--redact'],
    };
  const args = [`-listen=localhost:${port}`, `-replace=${configuredProvider}=${provider}`];
  return { command: await buildStandIn(), args: ['run', ...args] };
}

/**
 * The environment with which the application, on either runtime, uses the database.
 *
 * @param {Database} database
 * @returns {NodeJS.ProcessEnv}
 */
export function environment(database) {
  return {
    ...process.env,
    ENCORE_SQLDB_HOST: database.host,
    ENCORE_SQLDB_USER: database.user,
    ENCORE_SQLDB_PASSWORD: database.password,
    ENCORE_SQLDB_DATABASE: 'postgres',
    // For the suite that kills a server of its own.
    POSTGRES_BIN: database.bin,
    // Encore's daemon reads the variables above when it starts, and a running
    // one is replaced only if this one differs. It ignores names it doesn't know.
    ENCOREDEBUG: `sqldb=${database.host}`,
  };
}

/**
 * Ends the Encore daemon: it holds on to a database that is about to go. The
 * next encore command starts another.
 */
export async function stopEncoreDaemon() {
  const cache =
    process.platform === 'darwin'
      ? path.join(os.homedir(), 'Library', 'Caches')
      : (process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'));
  const socket = path.join(cache, 'encore', 'encored.sock');
  if (!fs.existsSync(socket)) return;
  fs.rmSync(socket); // the daemon looks for it five times a second and ends without it
  await delay(500);
}
