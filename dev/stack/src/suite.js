import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { environment, findEncore, runCommand, stopEncoreDaemon } from './backend.js';
import { ports, url } from './addresses.js';
import { check, describe, goTest, nodeTest, vitest } from './checks.js';
import { chromium } from './chromium.js';
import { buildStandIn, nodePackages, npmInstall } from './install.js';
import { isRoot, root } from './paths.js';
import { requireFree } from './ports.js';
import { Failure } from './progress.js';
import { writeSecrets } from './secrets.js';
import { answers, Stack } from './stack.js';

const encore = findEncore();
const runtimes = encore ? [undefined, encore] : [undefined];
const goModules = ['.', 'dev/.encore', 'e2e', 'bench'];
const wirePort = 4100;
/** A test that hangs fails after five minutes. */
const nodeTests = ['--test', '--test-timeout=300000', '--test-reporter=spec'];
/** The clients that the Encore CLI generates: the language and the file. */
const clients = {
  typescript: 'client.ts',
  javascript: 'client.js',
  go: 'client.go',
  openapi: 'openapi.json',
};

// Encore's daemon may be somebody's own until a check has used it.
let daemonUsed = false;

/** @type {import('./checks.js').Count[]} */
const counts = [];

// Everything the tests store goes into a folder of their own, which is removed at the end.
const scratch = fs.mkdtempSync(path.join(isRoot ? '/var/tmp' : os.tmpdir(), 'encore-logto-test-'));
// The database's user has to get through, into what is made in there too.
fs.chmodSync(scratch, 0o711);
process.umask(0o022);
const stack = new Stack(path.join(scratch, 'checks'));
stack.onFailure = (message) => void finish(message);
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => void finish('Interrupted.'));
}

try {
  await main();
  await finish();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  await finish(error.message);
}

async function main() {
  await requireFree([...Object.values(ports), wirePort]);
  writeSecrets();
  await Promise.all(nodePackages.map(npmInstall));
  const browser = await chromium();
  if (!encore)
    console.log('– The Encore CLI is not installed: everything runs on the stand-in for it only.');

  const database = await stack.startPostgres(path.join(scratch, 'postgres'));
  const env = environment(database);
  const services = testGo(env);
  await Promise.all([
    services
      .then(() => testFaults(env)) // happen to instances with addresses of their own
      .then(testRemovals)
      .then(testReact),
    checkNode(browser).then(() => testApplication(env, browser, services)),
  ]);
}

/**
 * What the Go tools find, and the tests that don't need the application running.
 *
 * @param {NodeJS.ProcessEnv} env
 */
async function testGo(env) {
  await checkGo();
  await testServices(env);
  await testWire(env);
}

/** Formatting, vet and linter of every Go module, and what is made of the Go code. */
async function checkGo() {
  const unformatted =
    'files=$(find . -name node_modules -prune -o -name "*.go" -exec gofmt -l {} +) && echo "$files" && test -z "$files"';
  await run('Go formatting', ['sh', '-c', unformatted]);
  // Calls between services go through declarations that either runtime generates.
  const standIn = await buildStandIn();
  await run('Declarations', [standIn, 'gen']);
  await run('Scopes and traces', [standIn, 'check']);
  const types =
    '"$0" types | diff frontend/src/features/api/types.gen.ts - || { echo "Run make types."; exit 1; }';
  await run('React app, types of the API', ['sh', '-c', types, standIn]);
  for (const module of goModules) {
    const options = { cwd: path.join(root, module), env: { ...process.env, GOWORK: 'off' } };
    await run(`go vet, ${module}`, ['go', 'vet', './...'], options);
    const tools = path.join(root, 'dev/tools/go.mod');
    await run(
      `staticcheck, ${module}`,
      ['go', 'tool', `-modfile=${tools}`, 'staticcheck', './...'],
      options,
    );
  }
}

/** The unit tests of the React app. */
async function testReact() {
  await run('React app, unit tests', ['npm', 'test'], {
    cwd: path.join(root, 'frontend'),
    read: vitest,
  });
}

/**
 * Formatting, linter and types of the tools and the React app, its build, and the provider's tests.
 *
 * @param {string} browser
 */
async function checkNode(browser) {
  for (const name of nodePackages) {
    await run(`Formatting, linter and types, ${name}`, ['npm', 'run', 'check'], {
      cwd: path.join(root, name),
    });
  }
  const env = { ...process.env, CHROMIUM_PATH: browser };
  await run('Identity provider', ['node', ...nodeTests], {
    cwd: path.join(root, 'dev/logto'),
    env,
    read: nodeTest,
  });
  await run('React app, production build', ['npm', 'run', 'build'], {
    cwd: path.join(root, 'frontend'),
  });
}

/**
 * The Go tests of the services and of the stand-in.
 *
 * @param {NodeJS.ProcessEnv} env
 */
async function testServices(env) {
  daemonUsed = encore !== undefined;
  const standIn = await buildStandIn();
  const race = (await hasCompiler()) ? ['-race'] : [];
  if (race.length === 0)
    console.log('– There is no C compiler: the Go tests run without the race detector.');
  await run('Services', [standIn, 'test', '-json', ...race, './...'], { env, read: goTest });
  await run('Stand-in', ['go', 'test', '-json', ...race, './...'], {
    cwd: path.join(root, 'dev/.encore'),
    env: { ...env, GOWORK: 'off' },
    read: goTest,
  });
  if (encore)
    await run('Services on Encore', [encore, 'test', '-json', './...'], { env, read: goTest });
}

/**
 * What each runtime answers, row by row, for an application made for it.
 *
 * @param {NodeJS.ProcessEnv} env
 */
async function testWire(env) {
  for (const runtime of runtimes) {
    const { command, args } = await runCommand(runtime, wirePort);
    const probe = stack.start('wire-probe', command, args, {
      cwd: path.join(root, 'e2e/wire/.probe'),
      env,
    });
    await stack.waitUntil(probe, () => answers(`http://localhost:${wirePort}/public`));
    await run(`Wire behaviour${on(runtime)}`, ['go', 'test', '-json', '-count=1', './wire'], {
      cwd: path.join(root, 'e2e'),
      env: { ...env, WIRE_URL: `http://localhost:${wirePort}` },
      read: goTest,
    });
    await stack.stopOne(probe);
  }
}

/**
 * What happens when something fails.
 *
 * @param {NodeJS.ProcessEnv} env
 */
async function testFaults(env) {
  const packages = ['./faults'];
  packages.push('./hasura'); // needs nothing that runs
  await run('Faults', ['go', 'test', '-json', '-count=1', ...packages], {
    cwd: path.join(root, 'e2e'),
    env,
    read: goTest,
  });
}

/** The application without each of the examples and extras that can be removed. */
async function testRemovals() {
  const folder = path.join(root, 'dev/stack/removals');
  for (const file of fs.existsSync(folder) ? fs.readdirSync(folder) : [])
    await run(`make remove, ${file}`, ['node', ...nodeTests, file], {
      cwd: folder,
      env: withoutEncore(),
      read: nodeTest,
    });
}

/**
 * The whole application, started as a person starts it.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string} browser
 * @param {Promise<void>} services the tests that use Encore's daemon too
 */
async function testApplication(env, browser, services) {
  await run('make run', ['node', ...nodeTests], {
    cwd: path.join(root, 'dev/stack/test'),
    env: { ...withoutEncore(), DATA_DIR: path.join(scratch, 'make-run') },
    read: nodeTest,
  });
  if (encore) {
    await services;
    await generateClients(encore, env);
  }
  for (const runtime of runtimes) {
    const own = {
      ...(runtime ? process.env : withoutEncore()),
      DATA_DIR: path.join(scratch, `app${on(runtime).replaceAll(' ', '-')}`),
    };
    const app = stack.start('application', process.execPath, ['dev/stack/src/run.js'], {
      cwd: root,
      env: own,
    });
    await stack.waitUntil(app, async () =>
      (await Promise.all([`${url.backend}/api/ping`, url.spa].map(answers))).every(Boolean),
    );
    await run(`HTTP${on(runtime)}`, ['go', 'test', '-json', '-count=1', './http', './local'], {
      cwd: path.join(root, 'e2e'),
      env: { ...process.env, BASE_URL: url.backend },
      read: goTest,
    });
    await run(`Random requests${on(runtime)}`, ['go', 'test', '-json', '-count=1', './property'], {
      cwd: path.join(root, 'e2e'),
      env: { ...process.env, BASE_URL: url.backend },
      read: goTest,
    });
    if (runtime)
      await run('Generated clients on Encore', ['go', 'test', '-json', '-count=1', './client'], {
        cwd: path.join(root, 'e2e'),
        env: { ...process.env, BASE_URL: url.backend, CLIENTS: path.join(scratch, 'clients') },
        read: goTest,
      });
    await testBrowser(runtime, browser);
    await stack.stopOne(app);
  }
}

/**
 * @param {string | undefined} runtime
 * @param {string} browser
 */
async function testBrowser(runtime, browser) {
  // Changes for how long everybody's tokens are valid.
  const alone = 'lock-out.test.js';
  const folder = path.join(root, 'e2e/browser/test');
  const others = fs
    .readdirSync(folder)
    .filter((file) => file.endsWith('.test.js') && file !== alone);
  const options = { cwd: folder, env: { ...process.env, CHROMIUM_PATH: browser }, read: nodeTest };
  await run(`Browser, lock-out${on(runtime)}`, ['node', ...nodeTests, alone], options);
  const two = ['--test-concurrency=2', ...others];
  await run(`Browser${on(runtime)}`, ['node', ...nodeTests, ...two], options);
}

/**
 * Not while the application runs: the CLI would end a daemon that was started
 * with another database.
 *
 * @param {string} encore
 * @param {NodeJS.ProcessEnv} env
 */
async function generateClients(encore, env) {
  const dir = path.join(scratch, 'clients');
  fs.mkdirSync(dir, { recursive: true });
  for (const [language, file] of Object.entries(clients)) {
    const args = [`--lang=${language}`, `--output=${path.join(dir, file)}`];
    await run(`Client in ${language}`, [encore, 'gen', 'client', ...args], { env });
  }
}

/**
 * @param {string} title
 * @param {string[]} command
 * @param {Partial<Parameters<typeof check>[2]>} [options]
 */
async function run(title, command, options = {}) {
  counts.push(await check(title, command, { cwd: root, ...options }));
}

/** @param {string | undefined} runtime */
function on(runtime) {
  return runtime ? ' on Encore' : '';
}

/** The environment in which the Encore CLI is not found. */
function withoutEncore() {
  const dirs = (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((dir) => !fs.existsSync(path.join(dir, 'encore')));
  return { ...process.env, PATH: dirs.join(path.delimiter) };
}

/** The race detector needs a C compiler on some platforms. */
async function hasCompiler() {
  return ['gcc', 'clang', 'cc'].some((name) =>
    (process.env.PATH ?? '')
      .split(path.delimiter)
      .some((dir) => fs.existsSync(path.join(dir, name))),
  );
}

/** @param {string} [problem] */
async function finish(problem) {
  await stack.stop();
  if (daemonUsed) await stopEncoreDaemon();
  fs.rmSync(scratch, { recursive: true, force: true });

  const sum = (/** @type {keyof import('./checks.js').Count} */ name) =>
    counts.reduce((total, count) => total + count[name], 0);
  const total = {
    passed: sum('passed'),
    failed: sum('failed') + (problem ? 1 : 0),
    skipped: sum('skipped'),
  };
  if (problem) console.error(`\n${problem}\n`);
  console.log(`\n${describe(total)}`);
  process.exit(total.failed ? 1 : 0);
}
