// Runs the test of faults under load for as many minutes as the argument says.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { environment } from './backend.js';
import { commands, npmInstall } from './install.js';
import { isRoot, root } from './paths.js';
import { Failure } from './progress.js';
import { Stack } from './stack.js';

const minutes = process.argv[2] ?? '';
const scratch = fs.mkdtempSync(path.join(isRoot ? '/var/tmp' : os.tmpdir(), 'encore-logto-chaos-'));
fs.chmodSync(scratch, 0o711); // the database's user has to get through
const stack = new Stack(scratch);

/** @type {import('node:child_process').ChildProcess | undefined} */
let test;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => void end(1));
}

try {
  await npmInstall('.');
  const database = await stack.startPostgres(path.join(scratch, 'postgres'));
  await end(await run(environment(database)));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  await end(1);
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} the exit code
 */
function run(env) {
  const args = ['test', '-count=1', '-timeout=0', '-v', '-run=TestFaultsUnderLoad', './faults'];
  return new Promise((resolve, reject) => {
    test = spawn('go', args, {
      cwd: path.join(root, 'e2e'),
      env: { ...env, CHAOS_MINUTES: minutes, TMPDIR: scratch },
      stdio: 'inherit',
      detached: true, // so that what it starts can be stopped with it
    });
    test.once('error', reject);
    test.once('exit', (code) => resolve(code ?? 1));
  });
}

/** @param {number} code */
async function end(code) {
  commands.abort();
  if (test?.pid && test.exitCode === null) process.kill(-test.pid, 'SIGKILL');
  await stack.stop();
  fs.rmSync(scratch, { recursive: true, force: true });
  process.exit(code);
}
