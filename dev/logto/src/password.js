import { randomBytes, scrypt as scryptCallback, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const scrypt = /** @type {(password: string, salt: Buffer, length: number) => Promise<Buffer>} */ (
  promisify(scryptCallback)
);
const keyLength = 32;

/**
 * @param {string} password
 * @returns {Promise<string>} Salt and key, each base64url, joined by a dot.
 */
export async function hashPassword(password) {
  const salt = randomBytes(16);
  const key = await scrypt(password, salt, keyLength);
  return `${salt.toString('base64url')}.${key.toString('base64url')}`;
}

/**
 * @param {string} password
 * @param {string} hash From {@link hashPassword}.
 */
export async function verifyPassword(password, hash) {
  const [salt = '', key = ''] = hash.split('.');
  const expected = Buffer.from(key, 'base64url');
  const actual = await scrypt(password, Buffer.from(salt, 'base64url'), keyLength);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
