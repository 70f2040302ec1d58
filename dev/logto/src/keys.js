import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { JsonFile } from './json-file.js';

/** Logto's default signing algorithm. */
export const signingAlgorithm = 'ES384';

/**
 * @typedef {object} Keys
 * @property {import('jose').JWK & import('oidc-provider').JWK} signingKey Private, P-384.
 * @property {string[]} cookieKeys
 */

/**
 * Loads the signing key and the cookie keys, and makes them the first time. They are kept so that
 * tokens and sign-in sessions outlive a restart.
 *
 * @param {string} path
 * @returns {Promise<Keys>}
 */
export async function loadKeys(path) {
  const file = await JsonFile.open(path, /** @type {Keys | null} */ (null));
  if (!file.data) {
    file.data = await generateKeys();
    await file.save();
  }
  return file.data;
}

/** @returns {Promise<Keys>} */
async function generateKeys() {
  const { privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return {
    signingKey: /** @type {Keys['signingKey']} */ ({
      ...jwk,
      kid,
      use: 'sig',
      alg: signingAlgorithm,
    }),
    cookieKeys: [randomBytes(32).toString('base64url')],
  };
}
