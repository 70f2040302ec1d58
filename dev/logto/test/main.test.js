import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startProvider, temporaryDirectory } from '../testing/provider.js';

const main = fileURLToPath(new URL('../src/main.js', import.meta.url));
const token = fileURLToPath(new URL('../src/token.js', import.meta.url));

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
function run(args, env) {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

/**
 * A port in use until the test ends.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} address
 */
async function usedPort(t, address) {
  const server = createServer().listen(0, address);
  await once(server, 'listening');
  t.after(() => server.close());
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

test('it answers on both loopback addresses, and stops on a signal', async (t) => {
  const { port, close } = await startProvider(t);
  await close();
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) {
    const env = { ...process.env, PORT: String(port), DATA_DIR: await temporaryDirectory(t) };
    const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    const [line] = await once(createInterface(child.stdout), 'line');
    assert.match(line, new RegExp(`http://localhost:${port}/oidc`));
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      const address = `http://${host}:${port}/oidc/.well-known/openid-configuration`;
      const { issuer } = /** @type {any} */ (await (await fetch(address)).json());
      assert.equal(issuer, `http://localhost:${port}/oidc`);
    }
    child.kill(signal);
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  }
});

test('it says in one line why it does not start', async (t) => {
  const damaged = await temporaryDirectory(t);
  await writeFile(join(damaged, 'accounts.json'), '[{"user":');
  const DATA_DIR = await temporaryDirectory(t);
  /** @type {[NodeJS.ProcessEnv, RegExp][]} */
  const cases = [
    [{ NODE_ENV: 'production' }, /^This identity provider is for development\..*\n$/],
    [{ DATA_DIR: damaged, PORT: '0' }, /^.*accounts\.json is not valid JSON\..*\n$/],
    [{ DATA_DIR, PORT: 'http' }, /port.*\n$/],
  ];
  for (const address of ['127.0.0.1', '::1']) {
    const PORT = String(await usedPort(t, address));
    cases.push([{ DATA_DIR, PORT }, new RegExp(`^Port ${PORT} is in use\\. Stop .*\\n$`)]);
  }
  for (const [env, message] of cases) {
    const { code, stderr } = await run([main], env);
    assert.equal(code, 1);
    assert.match(stderr, message);
  }
});

test('the token command prints a token, or in one line what is wrong', async (t) => {
  const { issuer } = await startProvider(t);
  for (const args of [['alice'], ['alice', '--organization', 'orgacme00001'], ['--machine']]) {
    const { code, stdout } = await run([token, ...args], { ISSUER: issuer });
    assert.equal(code, 0);
    assert.match(stdout, /^eyJ[\w.-]+\n$/);
  }
  /** @type {[string[], string, RegExp][]} */
  const cases = [
    [['nobody'], issuer, /^Incorrect account or password\. Please check your input\.\n$/],
    [['bob', '--organization', 'orgacme00001'], issuer, /^access_denied: user is not a mem.*\n$/],
    [['alice', '--unknown'], issuer, /^Unknown option.*\n$/],
    [[], issuer, /^Usage: /],
    [['alice'], 'http://localhost:1/oidc', /^.* Start it with: make run\n$/],
  ];
  for (const [args, address, message] of cases) {
    const { code, stdout, stderr } = await run([token, ...args], { ISSUER: address });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, message);
  }
});

test('only this user can read the data files, and they contain no password', async (t) => {
  const { dataDirectory, signIn } = await startProvider(t);
  await signIn('alice');
  const files = await readdir(dataDirectory);
  assert.deepEqual(files.sort(), [
    'accounts.json',
    'jwt-customizer.json',
    'keys.json',
    'oidc.json',
  ]);
  for (const file of files) {
    const path = join(dataDirectory, file);
    assert.equal((await stat(path)).mode & 0o777, 0o600, file);
    assert.doesNotMatch(await readFile(path, 'utf8'), /encore-logto-demo/);
  }
});
