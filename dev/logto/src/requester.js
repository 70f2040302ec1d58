/**
 * @param {import('koa').Context} ctx
 * @returns {import('./administration.js').Requester}
 */
export function requesterOf(ctx) {
  return { userAgent: ctx.get('user-agent') || undefined, ip: ctx.ip };
}
