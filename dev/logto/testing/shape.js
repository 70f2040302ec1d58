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
  if (Array.isArray(value)) return value.map(shape);
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
