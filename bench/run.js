import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ports, url } from '../dev/stack/src/addresses.js';
import { environment, runCommand } from '../dev/stack/src/backend.js';
import { buildStandIn, command, commands, npmInstall } from '../dev/stack/src/install.js';
import { dataDir, root, scratchFolder } from '../dev/stack/src/paths.js';
import { requireFree } from '../dev/stack/src/ports.js';
import { Failure, step } from '../dev/stack/src/progress.js';
import { answers, Stack } from '../dev/stack/src/stack.js';

const expressPort = 4200;
// Backends with few and with many people, and the key set of their tokens.
const [fewPort, manyPort, keysPort] = [4201, 4202, 4203];
const issuer = `${url.provider}/oidc`;
const people = ['alice', 'bob', 'carol'];

const scratch = scratchFolder('make-bench');
const stack = new Stack(scratch);
stack.onFailure = (message) => void exit(1, message);
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => void exit(1, 'Interrupted.'));
}

/** @type {import('node:child_process').ChildProcess | undefined} */
let bench;

try {
  await exit(await main());
} catch (error) {
  await exit(1, error instanceof Failure ? error.message : /** @type {Error} */ (error).stack);
}

async function main() {
  await requireFree([ports.backend, ports.provider, expressPort, fewPort, manyPort, keysPort]);
  await npmInstall('.');
  const program = await step('Benchmark', build);
  const database = await step('Backend, identity provider and Express', startServers);
  const manyDatabase = await step('Backends with few and many people', startPeopleBackends);
  // This imports packages that npmInstall has just installed.
  const { fetchToken } = await import('../dev/logto/src/token.js');
  const tokens = await Promise.all(people.map((person) => fetchToken({ issuer, person })));
  return runBenchmark(program, {
    BACKEND_URL: url.backend,
    EXPRESS_URL: `http://localhost:${expressPort}`,
    ACCESS_TOKENS: tokens.join(' '),
    READER_TOKEN: tokens[people.indexOf('carol')],
    FEW_URL: `http://localhost:${fewPort}`,
    MANY_URL: `http://localhost:${manyPort}`,
    KEYS_ADDRESS: `localhost:${keysPort}`,
    MANY_DATABASE_URL: `${serverUrl(manyDatabase)}/users`,
    DATABASE_SERVER_URL: serverUrl(database),
    STANDIN: await buildStandIn(),
    APPLICATION: root,
    ...environment(database),
  });
}

async function build() {
  const program = path.join(dataDir, 'bin', 'bench');
  const env = { ...process.env, GOWORK: 'off' };
  await command('go', ['build', '-o', program, '.'], path.join(root, 'bench'), env);
  return program;
}

async function startServers() {
  const database = await stack.startPostgres(path.join(scratch, 'postgres'));
  const provider = stack.start('identity-provider', process.execPath, ['src/main.js'], {
    cwd: path.join(root, 'dev/logto'),
    env: {
      ...process.env,
      PORT: String(ports.provider),
      DATA_DIR: path.join(scratch, 'logto'),
    },
  });
  await stack.waitUntil(provider, () => answers(`${issuer}/jwks`));

  const standIn = await runCommand(undefined, ports.backend);
  const backend = stack.start('backend', standIn.command, standIn.args, {
    cwd: root,
    env: environment(database),
  });
  const express = stack.start('express', process.execPath, ['express.js'], {
    cwd: path.join(root, 'bench'),
    env: {
      ...process.env,
      NODE_ENV: 'production',
      PORT: String(expressPort),
      ISSUER: issuer,
      JWKS_URI: `${issuer}/jwks`,
      AUDIENCE: 'https://api.encoreapp.com',
    },
  });
  await stack.waitUntil(backend, () => answers(`${url.backend}/api/ping`));
  await stack.waitUntil(express, () => listens(`http://localhost:${expressPort}`));
  return database;
}

/** @returns the database server of the backend with many people */
async function startPeopleBackends() {
  const application = path.join(scratch, 'application');
  copyApplication(application);
  await startPeopleBackend(application, fewPort);
  return startPeopleBackend(application, manyPort);
}

/**
 * @param {string} application
 * @param {number} port
 */
async function startPeopleBackend(application, port) {
  const database = await stack.startPostgres(path.join(scratch, `postgres-${port}`));
  const standIn = await runCommand(undefined, port);
  const backend = stack.start(`backend-${port}`, standIn.command, standIn.args, {
    cwd: application,
    env: environment(database),
  });
  await stack.waitUntil(backend, () => answers(`http://localhost:${port}/api/ping`));
  return database;
}

/** @param {import('../dev/stack/src/postgres.js').Database} server */
function serverUrl({ host, user, password }) {
  return `postgres://${user}:${password}@${host}`;
}

/**
 * Copies the application's source, with the benchmark as its identity provider.
 *
 * @param {string} to
 */
function copyApplication(to) {
  const files = /\.(app|mod|sum|go|cue|sql)$/;
  fs.cpSync(root, to, {
    recursive: true,
    filter: (from) => {
      const name = path.basename(from);
      if (!fs.statSync(from).isDirectory()) return files.test(name);
      const isModule = from !== root && fs.existsSync(path.join(from, 'go.mod'));
      return !isModule && name !== 'node_modules' && !(name.startsWith('.') && from !== root);
    },
  });
  replaceInFile(path.join(to, 'auth/config.cue'), [
    [/^\s*Issuer:.*$/gm, 'Issuer: "https://example.logto.app/oidc"'],
    [/^\s*JwksUri:.*$/gm, `JwksUri: "http://localhost:${keysPort}/jwks"`],
  ]);
  // These people are not in Logto, so their profiles can't be fetched from there.
  replaceInFile(path.join(to, 'users/config.cue'), [
    [/^\s*ManagementEndpoint: ".*$/gm, 'ManagementEndpoint: ""'],
  ]);
}

/**
 * @param {string} file
 * @param {[RegExp, string][]} replacements
 */
function replaceInFile(file, replacements) {
  const text = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(
    file,
    replacements.reduce((changed, [from, to]) => changed.replaceAll(from, to), text),
  );
}

/** @param {string} url */
async function listens(url) {
  return (await fetch(url).catch(() => undefined)) !== undefined;
}

/**
 * @param {string} program
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} the exit code
 */
function runBenchmark(program, env) {
  return new Promise((resolve, reject) => {
    bench = spawn(program, process.argv.slice(2), {
      env: { ...process.env, ...env },
      stdio: 'inherit',
    });
    bench.once('error', reject);
    bench.once('exit', (code) => resolve(code ?? 1));
  });
}

/**
 * Stops all servers and exits.
 *
 * @param {number} code
 * @param {string} [problem]
 */
async function exit(code, problem) {
  if (problem) console.error(`\n${problem}`);
  commands.abort();
  bench?.kill();
  await stack.stop();
  fs.rmSync(scratch, { recursive: true, force: true });
  process.exit(code);
}
