/** A failure whose message is all that the person needs to read. */
export class Failure extends Error {}

const interactive = process.stdout.isTTY;

/**
 * Shows that a step is under way and how long it takes.
 *
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const began = Date.now();
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;
  const show = (/** @type {string} */ text, /** @type {string} */ end) =>
    process.stdout.write(interactive ? `\r\u001B[K  ${text}${end}` : `  ${text}\n`);

  // Off a terminal a line now and then is enough to see that it lives.
  if (!interactive) show(`${title} …`, '');
  const timer = setInterval(() => show(`${title} … ${seconds()}`, ''), interactive ? 100 : 15_000);
  try {
    const result = await work();
    show(`${title}: done in ${seconds()}`, '\n');
    return result;
  } catch (error) {
    show(`${title}: failed after ${seconds()}`, '\n');
    throw error;
  } finally {
    clearInterval(timer);
  }
}
