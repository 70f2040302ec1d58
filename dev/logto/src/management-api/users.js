import { z } from 'zod';
import { IdentifierTakenError } from '../accounts.js';
import { profileOf } from '../administration.js';
import { maxLength, takenMessages } from '../forms.js';
import { guard, ManagementError, notFound } from './errors.js';

const identifier = z.string().max(maxLength);
const fields = {
  username: identifier.regex(/^[A-Z_a-z]\w*$/),
  primaryEmail: identifier.regex(/^\S+@\S+\.\S+$/),
  primaryPhone: identifier.regex(/^\d+$/),
  // Logto's database can't hold NUL either.
  name: z
    .string()
    .max(maxLength)
    .refine((name) => !name.includes('\0')),
  avatar: z.string().url().max(2048),
};
const objects = { customData: z.record(z.unknown()), profile: z.record(z.unknown()) };
const newUser = z.object({ ...fields, ...objects, password: z.string().min(1) }).partial();

/** @param {z.ZodString | z.ZodEffects<z.ZodString>} field */
const removable = (field) =>
  field
    .or(z.literal(''))
    .nullable()
    .transform((value) => value || null);
const userChanges = z
  .object({
    username: removable(fields.username),
    primaryEmail: removable(fields.primaryEmail),
    primaryPhone: removable(fields.primaryPhone),
    name: removable(fields.name),
    avatar: removable(fields.avatar),
    ...objects,
  })
  .partial();

/** @type {Record<import('../accounts.js').Identifier, string>} */
const takenCodes = {
  username: 'user.username_already_in_use',
  primaryEmail: 'user.email_already_in_use',
  primaryPhone: 'user.phone_already_in_use',
};

const pageNumber = z.coerce.number().int().positive();
const pagination = z.object({
  page: pageNumber.default(1),
  page_size: pageNumber.max(100).default(20),
});

/**
 * People: list, read, add, change, suspend, delete.
 *
 * @param {import('@koa/router')} router
 * @param {import('../tenant.js').Tenant} tenant
 */
export function userRoutes(router, { accounts, administration }) {
  router.get('/users', (ctx) => {
    const { page, page_size: size } = readPagination(ctx);
    setPaginationHeaders(ctx, page, Math.ceil(accounts.count / size) || 1);
    ctx.set('Total-Number', String(accounts.count));
    ctx.body = accounts.list((page - 1) * size, size).map(profileOf);
  });

  router.get('/users/:userId', (ctx) => {
    ctx.body = profileOf(find(ctx.params.userId));
  });

  router.post('/users', async (ctx) => {
    const { password, ...fields } = guard('body', newUser, ctx);
    ctx.body = profileOf(await answerTaken(administration.create(ctx, fields, password)));
  });

  router.patch('/users/:userId', async (ctx) => {
    const changes = guard('body', userChanges, ctx);
    const account = find(ctx.params.userId);
    if (Object.keys(changes).length === 0) {
      const message = 'Invalid input. Value list must not be empty.';
      throw new ManagementError(422, 'entity.invalid_input', message);
    }
    await answerTaken(administration.update(ctx, account, changes));
    ctx.body = profileOf(account);
  });

  router.patch('/users/:userId/is-suspended', async (ctx) => {
    const { isSuspended } = guard('body', z.object({ isSuspended: z.boolean() }), ctx);
    const account = find(ctx.params.userId);
    await administration.setSuspended(ctx, account, isSuspended);
    ctx.body = profileOf(account);
  });

  router.delete('/users/:userId', async (ctx) => {
    await administration.remove(ctx, find(ctx.params.userId));
    ctx.status = 204;
  });

  /** @param {string} [id] */
  function find(id) {
    const account = accounts.find(id);
    if (!account) throw notFound();
    return account;
  }
}

/** @param {import('koa').Context} ctx */
function readPagination({ query }) {
  const { page, page_size } = query;
  const result = pagination.safeParse({
    page: page || undefined,
    page_size: page_size || undefined,
  });
  if (result.success) return result.data;
  throw new ManagementError(
    400,
    'guard.invalid_pagination',
    'The request pagination value is invalid.',
  );
}

/**
 * Sets the header `Link` (RFC 8288). Logto's links leave out `/api`.
 *
 * @param {import('koa').Context} ctx
 * @param {number} page
 * @param {number} last
 */
function setPaginationHeaders(ctx, page, last) {
  const links = Object.entries({
    first: 1,
    ...(page > 1 && { prev: page - 1 }),
    last,
    ...(page < last && { next: page + 1 }),
  });
  const query = new URLSearchParams(ctx.querystring);
  for (const [relation, number] of links) {
    query.set('page', String(number));
    ctx.append('Link', `<${ctx.origin}${ctx.path}?${query}>; rel="${relation}"`);
  }
}

/** @template T @param {Promise<T>} change @returns {Promise<T>} */
async function answerTaken(change) {
  try {
    return await change;
  } catch (error) {
    if (!(error instanceof IdentifierTakenError)) throw error;
    const { identifier } = error;
    throw new ManagementError(422, takenCodes[identifier], takenMessages[identifier]);
  }
}
