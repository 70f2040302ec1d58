import path from 'node:path';
import { addresses, ports, url } from './addresses.js';
import { environment, findEncore, runCommand, stopEncoreDaemon } from './backend.js';
import { commands, nodePackages, npmInstall } from './install.js';
import { dataDir, root } from './paths.js';
import { requireFree } from './ports.js';
import { Failure, step } from './progress.js';
import { writeSecrets } from './secrets.js';
import { answers, Stack } from './stack.js';

const stack = new Stack(dataDir);
const encore = findEncore();
let backendStarted = false;

try {
  await main();
} catch (error) {
  await shutDown();
  if (!(error instanceof Failure)) throw error;
  console.error(`\n${error.message}`);
  process.exit(1);
}

async function main() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => void shutDown().then(() => process.exit(0)));
  }
  await stack.recover();
  await requireFree(Object.values(ports));
  writeSecrets();
  const [backend] = await Promise.all([
    step('Backend, preparations', () => runCommand(encore, ports.backend, url.provider)),
    ...nodePackages.map(npmInstall),
  ]);

  stack.onFailure = (message) => void end(message);
  const database = await step('Postgres', () => stack.startPostgres());
  // Before the backend, which would else find no keys and try again a second later.
  await step('Identity provider', startProvider);
  await Promise.all([
    step(encore ? 'Backend on Encore' : 'Backend', () => startBackend(backend, database)),
    step('React app', startSpa),
  ]);
  console.log(summary());
}

async function startProvider() {
  const child = stack.start('identity-provider', process.execPath, ['src/main.js'], {
    cwd: path.join(root, 'dev/logto'),
    env: {
      ...process.env,
      ...addresses,
      PORT: String(ports.provider),
      DATA_DIR: path.join(dataDir, 'logto'),
    },
  });
  await stack.waitUntil(child, () =>
    answers(`${url.provider}/oidc/.well-known/openid-configuration`),
  );
}

/**
 * @param {{command: string, args: string[]}} backend
 * @param {import('./postgres.js').Database} database
 */
async function startBackend({ command, args }, database) {
  backendStarted = true;
  const child = stack.start('backend', command, args, { cwd: root, env: environment(database) });
  await stack.waitUntil(child, () => answers(`${url.backend}/api/ping`));
}

async function startSpa() {
  const args = ['node_modules/vite/bin/vite.js', `--port=${ports.spa}`];
  const child = stack.start('spa', process.execPath, args, {
    cwd: path.join(root, 'frontend'),
    env: { ...process.env, ...addresses },
  });
  await stack.waitUntil(child, () => answers(url.spa));
}

async function shutDown() {
  commands.abort();
  await stack.stop();
  if (encore && backendStarted) await stopEncoreDaemon();
}

/** @param {string} message */
async function end(message) {
  console.error(`\n${message}`);
  await shutDown();
  process.exit(1);
}

function summary() {
  const runtime = encore
    ? `the Encore CLI (${encore})`
    : `a stand-in for Encore. With the Encore CLI (encore.dev/docs/install) you\n             get traces, a dashboard and deployment; the code stays the same.`;
  return `
  Ready.

  App        ${url.spa}
  Backend    ${url.backend}
  Sign-in    ${url.provider}/oidc
  People     alice, bob, carol; or register. Password: encore-logto-demo
  Roles      ${url.provider}/people
  Runtime    ${runtime}
  Logs       .data/logs
  Stop       Ctrl-C
`;
}
