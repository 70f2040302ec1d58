/** A failure whose message is all that the person needs to read. */
export class Failure extends Error {}

/**
 * Says what is under way, and how long it took.
 *
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const began = Date.now();
  console.log(`  ${title} …`);
  const result = await work();
  console.log(`  ${title}: done in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  return result;
}
