import { readFile } from 'node:fs/promises';

/**
 * The names and types within a value, without the values: what two recordings of the same answer
 * share.
 *
 * @param {unknown} value
 * @returns {unknown}
 */
export function shape(value) {
  if (value === null) return 'null';
  // How many elements there are is a value: those alike count once.
  if (Array.isArray(value)) {
    const shapes = value.map((element) => JSON.stringify(shape(element)));
    return [...new Set(shapes)].map((text) => JSON.parse(text));
  }
  if (typeof value !== 'object') return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, shape(inner)]),
  );
}

/**
 * A recording of the real Logto.
 *
 * @param {string} name
 */
export async function sample(name) {
  return JSON.parse(await readFile(new URL(`samples/${name}.json`, import.meta.url), 'utf8'));
}
