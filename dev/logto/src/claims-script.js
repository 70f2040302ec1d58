import { Worker } from 'node:worker_threads';

/** Milliseconds a script may take, its thread's start included. */
const timeLimit = 3000;
const memoryLimit = { maxOldGenerationSizeMb: 64 };

/**
 * @typedef {{ claims: Record<string, unknown> } | { denied: string } | { failure: string }} Outcome
 */

/**
 * Runs a tenant's `getCustomJwtClaims` in a thread of its own, because only a thread can be stopped
 * whatever the script does. The one who sets a script is trusted (it takes a Management API
 * token): thread, time limit and context keep mistakes in, not attackers.
 *
 * @param {string} script
 * @param {object} input The function's argument, less `api`.
 * @returns {Promise<Outcome>}
 */
export async function runClaimsScript(script, input) {
  const worker = new Worker(new URL('claims-script-thread.js', import.meta.url), {
    workerData: { script, input: JSON.stringify(input) },
    env: {},
    resourceLimits: memoryLimit,
  });
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  try {
    return await new Promise((resolve) => {
      worker.once('message', resolve);
      worker.once('error', (error) => resolve({ failure: String(error) }));
      worker.once('exit', () => resolve({ failure: 'its promise did not settle' }));
      timer = setTimeout(
        () => resolve({ failure: `it took longer than ${timeLimit} ms` }),
        timeLimit,
      );
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
