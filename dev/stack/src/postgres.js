import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { start } from './children.js';
import { command, postgresPackage } from './install.js';
import { isRoot } from './paths.js';
import { freePort } from './ports.js';

/** The port Postgres gets if it is free. Keeping it saves Encore's daemon a restart. */
const preferredPort = 5433;

/**
 * @typedef {object} Database Where the Postgres server of the stack is.
 * @property {string} host with the port
 * @property {string} user
 * @property {string} password
 * @property {string} bin the folder of its programs
 */

/**
 * Starts Postgres with its files in dir, which are made at the first start.
 * It listens on loopback only, and its password is made up on this machine.
 *
 * @param {string} dir
 * @param {string} logFile
 */
export async function startPostgres(dir, logFile) {
  const user = isRoot ? nobody() : undefined;
  const bin = path.join(installedFor(dir, user), 'native', 'bin');
  const data = path.join(dir, 'data');
  const passwordFile = path.join(dir, 'password');
  if (!fs.existsSync(path.join(data, 'PG_VERSION')))
    await initialize(bin, data, passwordFile, user);

  const port = await freePort(preferredPort);
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    // A backend on Encore opens up to 96, and two of them can share the server.
    max_connections: 250,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = start('postgres', path.join(bin, 'postgres'), ['-D', data, ...args], {
    cwd: dir,
    logFile,
    user,
    stopSignal: 'SIGINT', // "fast shutdown": does not wait for clients to leave
  });
  /** @type {Database} */
  const database = {
    host: `127.0.0.1:${port}`,
    user: 'postgres',
    password: fs.readFileSync(passwordFile, 'utf8').trim(),
    bin,
  };
  return { child, database, isReady: async () => isReady(data, child.pid) };
}

/**
 * @param {string} bin
 * @param {string} data
 * @param {string} passwordFile
 * @param {{uid: number, gid: number} | undefined} user
 */
async function initialize(bin, data, passwordFile, user) {
  fs.rmSync(data, { recursive: true, force: true });
  fs.writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (user) fs.chownSync(passwordFile, user.uid, user.gid);
  const args = [
    `--pgdata=${data}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--locale=C.UTF-8',
    '--no-sync',
  ];
  await command(path.join(bin, 'initdb'), args, path.dirname(data), process.env, user);
}

/**
 * The package to run, where the user can reach it.
 *
 * @param {string} dir
 * @param {{uid: number, gid: number} | undefined} user
 */
function installedFor(dir, user) {
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (!user) return postgresPackage();
  fs.chownSync(dir, user.uid, user.gid);
  const { version } = JSON.parse(
    fs.readFileSync(path.join(postgresPackage(), 'package.json'), 'utf8'),
  );
  const copy = path.join(dir, `package-${version}`);
  if (!fs.existsSync(copy)) {
    const unfinished = `${copy}.copying`;
    fs.rmSync(unfinished, { recursive: true, force: true });
    fs.cpSync(postgresPackage(), unfinished, { recursive: true, verbatimSymlinks: true });
    fs.renameSync(unfinished, copy);
  }
  return copy;
}

/**
 * A server writes its pid into the first line of its pid file and its state into the last.
 *
 * @param {string} data
 * @param {number} pid
 */
function isReady(data, pid) {
  const file = path.join(data, 'postmaster.pid');
  if (!fs.existsSync(file)) return false;
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  return lines[0] === String(pid) && lines.some((line) => line.trim() === 'ready');
}

/** The unprivileged user that takes root's place. */
function nobody() {
  const id = (/** @type {string} */ flag) =>
    Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
