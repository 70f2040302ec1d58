import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { JsonFile } from './json-file.js';

/** Logto's default signing algorithm. */
export const signingAlgorithm = 'ES384';

/**
 * @typedef {object} Keys
 * @property {import('jose').JWK & import('oidc-provider').JWK} signingKey
 * @property {string[]} cookieKeys
 */

/**
 * The signing key and the cookie keys. They are stored, so tokens and sessions survive a restart.
 *
 * @param {string} path
 * @returns {Promise<Keys>}
 */
export async function loadKeys(path) {
  return (await JsonFile.open(path, generateKeys)).data;
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
