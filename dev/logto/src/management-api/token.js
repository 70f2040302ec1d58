import { createLocalJWKSet, errors as joseErrors, jwtVerify } from 'jose';
import { managementApi } from '../seed.js';
import { ManagementError } from './errors.js';

/**
 * Requires a token for the Management API with the scope `all`.
 *
 * @param {string} issuer
 * @param {import('../keys.js').Keys['signingKey']} signingKey
 * @returns {import('koa').Middleware}
 */
export function requireManagementToken(issuer, signingKey) {
  const { kty, crv, x, y, kid, alg } = signingKey;
  const keySet = createLocalJWKSet({ keys: [{ kty, crv, x, y, kid, alg }] });
  return async (ctx, next) => {
    const { scope = '' } = await verify(bearerToken(ctx), keySet, issuer);
    if (!String(scope).split(' ').includes('all')) {
      throw new ManagementError(
        403,
        'auth.forbidden',
        'Forbidden. Please check your user roles and permissions.',
      );
    }
    await next();
  };
}

/** @param {import('koa').Context} ctx */
function bearerToken(ctx) {
  const header = ctx.get('authorization');
  if (!header) {
    throw new ManagementError(
      401,
      'auth.authorization_header_missing',
      'Authorization header is missing.',
    );
  }
  return header.slice('Bearer '.length);
}

/**
 * @param {string} token
 * @param {ReturnType<typeof createLocalJWKSet>} keySet
 * @param {string} issuer
 */
async function verify(token, keySet, issuer) {
  try {
    const { payload } = await jwtVerify(token, keySet, { issuer, audience: managementApi });
    return payload;
  } catch (error) {
    if (!(error instanceof joseErrors.JOSEError)) throw error;
    const { code, name, claim, reason, payload } =
      /** @type {joseErrors.JWTClaimValidationFailed} */ (error);
    throw new ManagementError(
      401,
      'auth.unauthorized',
      'Unauthorized. Please check credentials and its scope.',
      { data: { code, name, claim, reason, payload } },
    );
  }
}
