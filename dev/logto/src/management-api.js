import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import { createLocalJWKSet, errors as joseErrors, jwtVerify } from 'jose';
import { managementApi } from './seed.js';

const customizerPath = '/configs/jwt-customizer/access-token';
const bodyLimit = '64kb';

/** An error answer of the Management API: `{ code, message, ...details }`. */
class ManagementError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {object} [details]
   */
  constructor(status, code, message, details) {
    super(message);
    this.status = status;
    this.body = { code, ...details, message };
  }
}

/**
 * The part of Logto's Management API that this provider has: custom token claims for access
 * tokens. Mounted under `/api`.
 *
 * @param {object} options
 * @param {string} options.issuer
 * @param {import('./keys.js').Keys['signingKey']} options.signingKey
 * @param {import('./jwt-customizer.js').JwtCustomizer} options.jwtCustomizer
 */
export function managementApiRoutes({ issuer, signingKey, jwtCustomizer }) {
  const router = new Router();
  router.use(answerErrors);
  router.use(requireManagementToken(issuer, signingKey));

  router.get(customizerPath, (ctx) => {
    ctx.body = jwtCustomizer.get() ?? notFound();
  });

  router.put(
    customizerPath,
    bodyParser({ enableTypes: ['json'], jsonLimit: bodyLimit, onError: invalidBody }),
    async (ctx) => {
      const customizer = parseCustomizer(ctx.request.body);
      ctx.status = jwtCustomizer.get() ? 200 : 201;
      await jwtCustomizer.set(customizer);
      ctx.body = customizer;
    },
  );

  router.delete(customizerPath, async (ctx) => {
    if (!jwtCustomizer.get()) notFound();
    await jwtCustomizer.set(null);
    ctx.status = 204;
  });

  return router.routes();
}

/** @type {import('koa').Middleware} */
async function answerErrors(ctx, next) {
  try {
    await next();
  } catch (error) {
    if (!(error instanceof ManagementError)) throw error;
    ctx.status = error.status;
    ctx.body = error.body;
  }
}

/**
 * @param {string} issuer
 * @param {import('./keys.js').Keys['signingKey']} signingKey
 * @returns {import('koa').Middleware}
 */
function requireManagementToken(issuer, signingKey) {
  const { kty, crv, x, y, kid, alg } = signingKey;
  const keySet = createLocalJWKSet({ keys: [{ kty, crv, x, y, kid, alg }] });
  return async (ctx, next) => {
    const payload = await verify(bearerToken(ctx), keySet, issuer);
    const scopes = typeof payload.scope === 'string' ? payload.scope.split(' ') : [];
    if (!scopes.includes('all')) {
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
  if (!header.startsWith('Bearer ')) {
    throw new ManagementError(
      401,
      'auth.authorization_token_type_not_supported',
      'Authorization type is not supported.',
      { data: { supportedTypes: ['Bearer'] } },
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

/**
 * @param {unknown} body
 * @returns {import('./jwt-customizer.js').Customizer}
 */
function parseCustomizer(body) {
  if (!isRecord(body) || typeof body.script !== 'string') {
    throw invalidInput('Error in key path "script": expected a string.');
  }
  const { script, environmentVariables } = body;
  if (environmentVariables === undefined) return { script };
  if (
    !isRecord(environmentVariables) ||
    !Object.values(environmentVariables).every((value) => typeof value === 'string')
  ) {
    throw invalidInput('Error in key path "environmentVariables": expected strings by name.');
  }
  return {
    script,
    environmentVariables: /** @type {Record<string, string>} */ (environmentVariables),
  };
}

/** @returns {never} */
function notFound() {
  throw new ManagementError(404, 'entity.not_found', 'The resource does not exist.');
}

/** @returns {never} */
function invalidBody() {
  throw invalidInput(`The body must be JSON of at most ${bodyLimit}.`);
}

/** @param {string} details */
function invalidInput(details) {
  return new ManagementError(400, 'guard.invalid_input', 'The request body is invalid.', {
    details,
  });
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
