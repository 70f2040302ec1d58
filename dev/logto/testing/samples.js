import { readFile } from 'node:fs/promises';
import { decodeJwt, decodeProtectedHeader } from 'jose';

/**
 * The names and types in a value: what two recordings of the same answer have in common.
 *
 * @param {unknown} value
 * @returns {unknown}
 */
export function shape(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const shapes = value.map((element) => JSON.stringify(shape(element)));
    return [...new Set(shapes)].map((text) => JSON.parse(text));
  }
  if (typeof value !== 'object') return typeof value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, inner]) => [name, shape(inner)]));
}

/** Recordings that the backend's tests use too. @type {Record<string, string>} */
const ofBackend = {
  webhooks: 'users/testdata/webhooks.json',
  jwks: 'auth/token/testdata/jwks.json',
  'access-token-alice': 'auth/token/testdata/access-token-alice.jwt',
  'access-token-bob': 'auth/token/testdata/access-token-bob.jwt',
};

/**
 * A recording of Logto. A token comes as its header and payload.
 *
 * @param {string} name
 */
export async function sample(name) {
  const file = ofBackend[name] ?? `dev/logto/testing/samples/${name}.json`;
  const text = await readFile(new URL(`../../../${file}`, import.meta.url), 'utf8');
  return file.endsWith('.jwt')
    ? { header: decodeProtectedHeader(text.trim()), payload: decodeJwt(text.trim()) }
    : JSON.parse(text);
}
