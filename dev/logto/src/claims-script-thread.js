import vm from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';

run(workerData).then((outcome) => parentPort?.postMessage(outcome));

/**
 * Runs the script. In and out go JSON texts, so no object of this program is within its reach.
 *
 * @param {{ script: string, input: string }} work
 * @returns {Promise<import('./claims-script.js').Outcome>}
 */
async function run({ script, input }) {
  const source = `${script}
;(async (input) => {
  let denied;
  const api = {
    denyAccess(message = 'Access denied') {
      denied = String(message);
      throw new Error(denied);
    },
  };
  try {
    const claims = await getCustomJwtClaims({ ...JSON.parse(input), api });
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
      throw new Error('it did not return an object');
    }
    return JSON.stringify({ claims });
  } catch (error) {
    return JSON.stringify(denied === undefined ? { failure: String(error) } : { denied });
  }
})`;
  try {
    const call = vm.runInNewContext(source, {}, { filename: 'getCustomJwtClaims' });
    return JSON.parse(await call(input));
  } catch (error) {
    return { failure: String(error) };
  }
}
