import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startProvider, temporaryDirectory } from '../testing/provider.js';

const main = fileURLToPath(new URL('../src/main.js', import.meta.url));
const token = fileURLToPath(new URL('../src/token.js', import.meta.url));

/**
 * @param {string} file
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
function run(file, args, env) {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [file, ...args],
      { env: { ...process.env, ...env } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

/** A port nobody listens on. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) {
  test(`it answers on both loopback addresses, and stops on ${signal}`, async (t) => {
    const port = await freePort();
    const child = spawn(process.execPath, [main], {
      env: { ...process.env, PORT: String(port), DATA_DIR: await temporaryDirectory(t) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const [line] = await once(createInterface(child.stdout), 'line');
    assert.match(line, new RegExp(`http://localhost:${port}/oidc`));
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      const response = await fetch(`http://${host}:${port}/oidc/.well-known/openid-configuration`);
      assert.equal(
        /** @type {any} */ (await response.json()).issuer,
        `http://localhost:${port}/oidc`,
      );
    }
    child.kill(signal);
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
  });
}

test('it refuses to run as production', async () => {
  const { code, stderr } = await run(main, [], { NODE_ENV: 'production' });
  assert.equal(code, 1);
  assert.match(stderr, /^This identity provider is for development only.*\n$/);
});

for (const address of ['127.0.0.1', '::1']) {
  test(`a port in use on ${address} is one clear line`, async (t) => {
    const other = createServer().listen(0, address);
    await once(other, 'listening');
    t.after(() => other.close());
    const { port } = /** @type {import('node:net').AddressInfo} */ (other.address());
    const { code, stderr } = await run(main, [], {
      PORT: String(port),
      DATA_DIR: await temporaryDirectory(t),
    });
    assert.equal(code, 1);
    assert.equal(stderr, `Port ${port} is in use. Stop the program that holds it, or set PORT.\n`);
  });
}

test('a bad setting is named', async () => {
  /** @type {[string, string, number][]} */
  const settings = [
    ['PORT', 'http', 65535],
    ['ACCESS_TOKEN_TTL', '0', 15552000],
    ['REFRESH_TOKEN_TTL', '1.5', 15552000],
    ['SESSION_TTL', '-1', 15552000],
  ];
  for (const [name, value, maximum] of settings) {
    const { code, stderr } = await run(main, [], { [name]: value });
    assert.equal(code, 1);
    assert.equal(stderr, `${name} must be a whole number from 1 to ${maximum}.\n`);
  }
});

test('the token command says in one line what is wrong', async (t) => {
  const { issuer } = await startProvider(t);
  /** @type {[string[], string, RegExp][]} */
  const cases = [
    [['nobody'], issuer, /^Incorrect account or password\. Please check your input\.\n$/],
    [
      ['bob', '--organization', 'orgacme00001'],
      issuer,
      /^access_denied: user is not a member.*\n$/,
    ],
    [['alice', '--unknown'], issuer, /^Unknown option.*\n$/],
    [[], issuer, /^Usage: /],
    [['alice', '--organization-audience'], issuer, /^Usage: /],
    [['--machine', '--organization', 'orgglobex001'], issuer, /^access_denied: app has not.*\n$/],
    [['alice'], `http://localhost:${await freePort()}/oidc`, /^.* Start it with: make run\n$/],
  ];
  for (const [args, address, message] of cases) {
    const { code, stdout, stderr } = await run(token, args, { ISSUER: address });
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, message);
  }
});
