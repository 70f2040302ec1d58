// Checks and tests everything. With a number of minutes it only breaks parts under load, for so long.
import fs from 'node:fs';
import path from 'node:path';
import { addresses, offset, ports, url } from './addresses.js';
import { environment, findEncore, runCommand, stopEncoreDaemon } from './backend.js';
import { check, goTest, nodeTest, summarize } from './checks.js';
import { chromium } from './chromium.js';
import { buildStandIn, nodePackages, npmInstall } from './install.js';
import { root, scratchFolder } from './paths.js';
import { requireFree } from './ports.js';
import { Failure } from './progress.js';
import { writeSecrets } from './secrets.js';
import { answers, Stack } from './stack.js';
import { checkGo, checkReact, checkTools, testReact } from './steps.js';

const chaosMinutes = process.argv[2];
const encore = findEncore();
const runtimes = encore ? [undefined, encore] : [undefined];
const wirePort = 4100 + offset;
const goTests = ['go', 'test', '-json', '-count=1'];
/** A test that hangs fails after five minutes. */
const nodeTests = ['node', '--test', '--test-timeout=300000', '--test-reporter=spec'];
const e2e = path.join(root, 'e2e');
/** The clients that the Encore CLI generates: the language and the file. */
const clients = {
  typescript: 'client.ts',
  javascript: 'client.js',
  go: 'client.go',
  openapi: 'openapi.json',
};

// Encore's daemon may be somebody's own until a check has used it.
let daemonUsed = false;

// Everything the tests store goes into a folder of their own, which is removed at the end.
const scratch = scratchFolder('make-test');
process.umask(0o022);
const stack = new Stack(path.join(scratch, 'checks'));
stack.onFailure = (message) => void finish(message);
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => void finish('Interrupted.'));
}

/**
 * The environment in which the tests find the database, the application and the browser.
 *
 * @type {NodeJS.ProcessEnv}
 */
let env = { ...process.env, ...addresses };

try {
  await main();
  await finish();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  await finish(error.message);
}

async function main() {
  if (!chaosMinutes) await requireFree([...Object.values(ports), wirePort]);
  await Promise.all(nodePackages.map(npmInstall));
  env = { ...env, ...environment(await stack.startPostgres(path.join(scratch, 'postgres'))) };
  if (chaosMinutes) return testChaos();

  writeSecrets();
  env.CHROMIUM_PATH = await chromium();
  if (!encore)
    console.log('– The Encore CLI is not installed: everything runs on the stand-in for it only.');
  const go = checkGo().then(testServices).then(testWire);
  // What waits and what computes go side by side.
  await Promise.all([
    go.then(() => checkReact()).then(testReact),
    checkTools()
      .then(buildReact)
      .then(() => testApplication(go)),
    testFaults().then(testProvider).then(testRemovals),
  ]);
}

/** The Go tests of the services and of the stand-in. */
async function testServices() {
  daemonUsed = encore !== undefined;
  const standIn = await buildStandIn();
  const race = hasCompiler() ? ['-race'] : [];
  if (race.length === 0)
    console.log('– There is no C compiler: the Go tests run without the race detector.');
  await check('Services', [standIn, 'test', '-json', ...race, './...'], { env, read: goTest });
  await check('Stand-in', ['go', 'test', '-json', ...race, './...'], {
    cwd: path.join(root, 'dev/.encore'),
    env: { ...env, GOWORK: 'off' },
    read: goTest,
  });
  if (encore)
    await check('Services on Encore', [encore, 'test', '-json', './...'], { env, read: goTest });
}

/** What each runtime answers, row by row, for an application made for it. */
async function testWire() {
  for (const runtime of runtimes) {
    const { command, args } = await runCommand(runtime, wirePort);
    const cwd = path.join(root, 'e2e/wire/.probe');
    const probe = stack.start('wire-probe', command, args, { cwd, env });
    await stack.waitUntil(probe, () => answers(`http://localhost:${wirePort}/public`));
    await check(`Wire behaviour${on(runtime)}`, [...goTests, './wire'], {
      cwd: e2e,
      env: { ...env, WIRE_URL: `http://localhost:${wirePort}` },
      read: goTest,
    });
    await stack.stopOne(probe);
  }
}

/** What happens when something fails. */
async function testFaults() {
  const packages = ['./faults'];
  packages.push('./hasura'); // needs nothing that runs
  await check('Faults', [...goTests, ...packages], { cwd: e2e, env, read: goTest });
}

async function testChaos() {
  const args = ['-timeout=0', '-v', '-run=TestFaultsUnderLoad', './faults'];
  await check(`Faults under load, ${chaosMinutes} minutes`, [...goTests, ...args], {
    cwd: e2e,
    env: { ...env, CHAOS_MINUTES: chaosMinutes, TMPDIR: scratch },
    read: goTest,
  });
}

/** The tests of the local identity provider, which have one of their own at the usual address. */
async function testProvider() {
  const cwd = path.join(root, 'dev/logto');
  await check('Identity provider', nodeTests, { cwd, read: nodeTest });
}

/** The application without each of the examples and extras that can be removed. */
async function testRemovals() {
  const cwd = path.join(root, 'dev/stack/removals');
  for (const file of fs.existsSync(cwd) ? fs.readdirSync(cwd) : [])
    await check(`make remove, ${file}`, [...nodeTests, file], {
      cwd,
      env: withoutEncore(process.env),
      read: nodeTest,
    });
}

/** Builds the React app for the addresses of the application under test. */
async function buildReact() {
  const cwd = path.join(root, 'frontend');
  await check('React app, production build', ['npx', 'vite', 'build'], { cwd, env });
}

/**
 * The whole application, started as a person starts it.
 *
 * @param {Promise<void>} go the tests that use Encore's daemon too
 */
async function testApplication(go) {
  await check('make run', nodeTests, {
    cwd: path.join(root, 'dev/stack/test'),
    env: { ...withoutEncore(env), DATA_DIR: path.join(scratch, 'make-run') },
    read: nodeTest,
  });
  if (encore) {
    await go;
    await generateClients(encore);
  }
  for (const runtime of runtimes) {
    const app = stack.start('application', process.execPath, ['dev/stack/src/run.js'], {
      cwd: root,
      env: {
        ...(runtime ? process.env : withoutEncore(process.env)),
        DATA_DIR: path.join(scratch, `app${on(runtime).replaceAll(' ', '-')}`),
      },
    });
    await stack.waitUntil(app, async () =>
      (await Promise.all([`${url.backend}/api/ping`, url.spa].map(answers))).every(Boolean),
    );
    const options = { cwd: e2e, env, read: goTest };
    await check(`HTTP${on(runtime)}`, [...goTests, './http', './local'], options);
    await check(`Random requests${on(runtime)}`, [...goTests, './property'], options);
    if (runtime) await check('Generated clients on Encore', [...goTests, './client'], options);
    await testBrowser(runtime);
    await stack.stopOne(app);
  }
}

/** @param {string | undefined} runtime */
async function testBrowser(runtime) {
  const cwd = path.join(root, 'e2e/browser/test');
  const alone = 'lock-out.test.js'; // changes for how long everybody's tokens are valid
  const others = fs.readdirSync(cwd).filter((file) => file.endsWith('.test.js') && file !== alone);
  const options = { cwd, env, read: nodeTest };
  await check(`Browser, lock-out${on(runtime)}`, [...nodeTests, alone], options);
  const two = ['--test-concurrency=2', ...others];
  await check(`Browser${on(runtime)}`, [...nodeTests, ...two], options);
}

/**
 * Not while the application runs: the CLI would end a daemon that was started
 * with another database.
 *
 * @param {string} encore
 */
async function generateClients(encore) {
  const dir = path.join(scratch, 'clients');
  env.CLIENTS = dir;
  fs.mkdirSync(dir, { recursive: true });
  for (const [language, file] of Object.entries(clients)) {
    const args = [`--lang=${language}`, `--output=${path.join(dir, file)}`];
    await check(`Client in ${language}`, [encore, 'gen', 'client', ...args], { env });
  }
}

/** @param {string | undefined} runtime */
function on(runtime) {
  return runtime ? ' on Encore' : '';
}

/**
 * An environment in which the Encore CLI is not found, and the ports are the same.
 *
 * @param {NodeJS.ProcessEnv} env
 */
function withoutEncore(env) {
  const dirs = (env.PATH ?? '')
    .split(path.delimiter)
    .filter((dir) => !fs.existsSync(path.join(dir, 'encore')));
  return { ...env, PATH: dirs.join(path.delimiter), PORT_OFFSET: String(offset) };
}

/** The race detector needs a C compiler on some platforms. */
function hasCompiler() {
  const dirs = (process.env.PATH ?? '').split(path.delimiter);
  return ['gcc', 'clang', 'cc'].some((name) =>
    dirs.some((dir) => fs.existsSync(path.join(dir, name))),
  );
}

/** @param {string} [problem] */
async function finish(problem) {
  await stack.stop();
  if (daemonUsed) await stopEncoreDaemon();
  fs.rmSync(scratch, { recursive: true, force: true });
  process.exit(summarize(problem));
}
