import { z } from 'zod';
import { ManagementError } from './error.js';

const defaultPageSize = 20;
const maxPageSize = 100;

const pageNumber = z.coerce.number().int().positive();
const pagination = z.object({
  page: pageNumber.default(1),
  page_size: pageNumber.max(maxPageSize).default(defaultPageSize),
});

/**
 * The page a request asks for.
 *
 * @param {import('koa').Context} ctx
 * @throws {ManagementError}
 */
export function readPagination({ query }) {
  const { page, page_size: limit } = parse({
    page: query.page || undefined,
    page_size: query.page_size || undefined,
  });
  return { page, limit, offset: (page - 1) * limit };
}

/** @param {unknown} query */
function parse(query) {
  const result = pagination.safeParse(query);
  if (result.success) return result.data;
  throw new ManagementError(
    400,
    'guard.invalid_pagination',
    'The request pagination value is invalid.',
  );
}

/**
 * Sets the headers `Total-Number` and `Link` (RFC 8288). The links are Logto's, which leave out
 * `/api`.
 *
 * @param {import('koa').Context} ctx
 * @param {ReturnType<typeof readPagination>} pagination
 * @param {number} total
 */
export function setPaginationHeaders(ctx, { page, limit }, total) {
  const last = Math.ceil(total / limit) || 1;
  /** @type {[string, number][]} */
  const links = [['first', 1]];
  if (page > 1) links.push(['prev', page - 1]);
  links.push(['last', last]);
  if (page < last) links.push(['next', page + 1]);

  const { origin } = ctx.request.URL;
  const query = new URLSearchParams(/** @type {Record<string, string>} */ (ctx.query));
  ctx.set('Total-Number', String(total));
  for (const [relation, number] of links) {
    query.set('page', String(number));
    ctx.append('Link', `<${origin}${ctx.path}?${query}>; rel="${relation}"`);
  }
}
