/**
 * Logto's messages by OIDC error code.
 *
 * @type {Record<string, string>}
 */
const messages = {
  access_denied: 'Access denied.',
  insufficient_scope: 'Token missing scope `{{scope}}`.',
  invalid_grant: 'Grant request is invalid.',
  invalid_redirect_uri:
    "`redirect_uri` did not match any of the client's registered `redirect_uris`.",
  invalid_request: 'Request is invalid.',
  invalid_scope: 'Invalid scope: {{error_description}}.',
  invalid_target: 'Invalid resource indicator.',
  invalid_token: 'Invalid token provided.',
  server_error: 'An unknown OIDC error occurred. Please try again later.',
  unsupported_grant_type: 'Unsupported `grant_type` requested.',
  unsupported_response_mode: 'Unsupported `response_mode` requested.',
  unsupported_response_type: 'Unsupported `response_type` requested.',
};

/**
 * Adds `code` and `message` to the errors of the OIDC endpoints, as Logto does.
 *
 * @type {import('koa').Middleware}
 */
export async function oidcErrors(ctx, next) {
  await next();
  if (ctx.status === 404 && !ctx.body) {
    ctx.body = {
      error: 'invalid_request',
      error_description: `unrecognized route or not allowed method (${ctx.method} on ${ctx.path})`,
    };
    ctx.status = 404;
  }
  const body = /** @type {Record<string, unknown> | undefined} */ (ctx.body);
  if (ctx.status < 400 || typeof body?.error !== 'string') return;

  const code = `oidc.${body.error}`;
  const message = messages[body.error] ?? `An OIDC error occurred: ${code}.`;
  ctx.body = {
    code,
    message: message.replace(/\{\{(\w+)\}\}/, (_, name) => String(body[name] ?? '')),
    ...(body.error === 'invalid_grant' && { error_uri: 'https://openid.sh/debug/invalid_grant' }),
    ...body,
  };
}
