import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fetchToken } from '../../logto/src/token.js';
import { ports, url } from '../src/addresses.js';
import { isAlive } from '../src/children.js';
import { dataDir, root } from '../src/paths.js';
import { Stack } from '../src/stack.js';

const stateFile = path.join(dataDir, 'running.json');

/** @type {ReturnType<typeof run> | undefined} */
let running;

describe('make run', { timeout: 300_000 }, () => {
  afterEach(async () => {
    running?.child.kill('SIGKILL');
    await running?.exitCode;
    await new Stack(dataDir).recover();
  });

  it('ends with a summary, serves, and leaves no process behind when told to stop', async () => {
    const first = await ready();
    for (const line of [
      url.spa,
      url.backend,
      'alice, bob, carol',
      `${url.provider}/people`,
      'encore-logto-demo',
      'stand-in',
      'Ctrl-C',
    ]) {
      assert.ok(first.output().includes(line), `the summary lacks ${line}`);
    }
    const hello = await get('/api/hello');
    assert.equal(hello.message, 'Hello, alice0000001!');

    const children = started();
    assert.deepEqual(children.map((child) => child.name).sort(), [
      'backend',
      'identity-provider',
      'postgres',
      'spa',
    ]);
    first.child.kill('SIGTERM');
    assert.equal(await first.exitCode, 0);
    assert.deepEqual(children.filter(isAlive), []);
  });

  it('keeps the data, and recovers from a kill -9', async () => {
    await ready();
    const before = await get('/users/me');
    running?.child.kill('SIGKILL');
    await running?.exitCode;
    assert.equal(started().filter(isAlive).length, 4, 'a killed run leaves its processes behind');

    await ready();
    const after = await get('/users/me');
    assert.equal(after.id, before.id);
    assert.equal(after.created_at, before.created_at);
  });

  it('stops everything when a part of it dies, and says which', async () => {
    const { output, exitCode } = await ready();
    const children = started();
    const spa = children.find((child) => child.name === 'spa');
    assert.ok(spa);
    process.kill(-spa.pid, 'SIGKILL');
    assert.equal(await exitCode, 1);
    assert.match(output(), /spa was ended by SIGKILL/);
    assert.deepEqual(children.filter(isAlive), []);
  });

  it('refuses to run twice', async () => {
    const first = await ready();
    const second = run();
    assert.equal(await second.exitCode, 1);
    assert.match(second.output(), new RegExp(`running already \\(pid ${first.child.pid}\\)`));
    assert.ok(started().every(isAlive));
  });

  it('names the port in use and its holder, and starts nothing', async () => {
    const server = net.createServer().listen(ports.spa, '127.0.0.1');
    try {
      running = run();
      assert.equal(await running.exitCode, 1);
      assert.match(
        running.output(),
        new RegExp(`Port ${ports.spa} is in use by .+ \\(pid ${process.pid}\\)`),
      );
      assert.equal(fs.existsSync(stateFile), false);
    } finally {
      server.close();
    }
  });
});

/** Starts `make run` and waits for its summary. */
async function ready() {
  running = run();
  const { output, hasExited } = running;
  while (!output().includes('Ready.')) {
    assert.ok(!hasExited(), output());
    await delay(100);
  }
  return running;
}

function run() {
  const child = spawn(process.execPath, ['dev/stack/src/run.js'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const exitCode = new Promise((resolve) => child.once('close', resolve));
  return { child, exitCode, output: () => output, hasExited: () => child.exitCode !== null };
}

/** @returns {import('../src/children.js').Child[]} what the running stack started */
function started() {
  return JSON.parse(fs.readFileSync(stateFile, 'utf8')).children;
}

/** @param {string} pathname */
async function get(pathname) {
  const response = await fetch(url.backend + pathname, {
    headers: {
      Authorization: `Bearer ${await fetchToken({ issuer: `${url.provider}/oidc`, person: 'alice' })}`,
    },
  });
  assert.equal(response.status, 200);
  return response.json();
}
