import { z } from 'zod';
import { IdentifierTakenError } from '../accounts.js';
import { profileOf } from '../administration.js';
import { identifierTakenMessages, maxIdentifierLength } from '../identifiers.js';
import { requesterOf } from '../requester.js';
import { ManagementError, notFound } from './error.js';
import { guard } from './guard.js';
import { readPagination, setPaginationHeaders } from './pagination.js';

const username = z.string().regex(/^[A-Z_a-z]\w*$/);
const primaryEmail = z.string().regex(/^\S+@\S+\.\S+$/);
const primaryPhone = z.string().regex(/^\d+$/);
const avatar = z.string().url().or(z.literal('')).nullable();
const password = z.string().min(1);
const customData = z.record(z.unknown());
const text = z.string();
const profile = z
  .object({
    familyName: text,
    givenName: text,
    middleName: text,
    nickname: text,
    preferredUsername: text,
    profile: text,
    website: text,
    gender: text,
    birthdate: text,
    zoneinfo: text,
    locale: text,
    address: z
      .object({
        formatted: text,
        streetAddress: text,
        locality: text,
        region: text,
        postalCode: text,
        country: text,
      })
      .partial(),
  })
  .partial();

const newUser = z
  .object({
    primaryPhone,
    primaryEmail,
    username,
    password,
    name: text,
    avatar,
    customData,
    profile,
  })
  .partial();

const userChanges = z
  .object({
    username: username.or(z.literal('')).nullable(),
    primaryEmail: primaryEmail.or(z.literal('')).nullable(),
    primaryPhone: primaryPhone.or(z.literal('')).nullable(),
    name: text.or(z.literal('')).nullable(),
    avatar,
    customData,
    profile,
  })
  .partial();

/** @type {Record<string, number>} */
const maxLength = {
  username: maxIdentifierLength,
  primaryEmail: maxIdentifierLength,
  primaryPhone: maxIdentifierLength,
  name: 128,
  avatar: 2048,
};

/** @type {Record<import('../accounts.js').Identifier, string>} */
const takenCodes = {
  username: 'user.username_already_in_use',
  primaryEmail: 'user.email_already_in_use',
  primaryPhone: 'user.phone_already_in_use',
};

/**
 * People: list, read, add, change, suspend, delete.
 *
 * @param {import('@koa/router')} router
 * @param {import('../accounts.js').Accounts} accounts
 * @param {import('../administration.js').Administration} administration
 */
export function userRoutes(router, accounts, administration) {
  router.get('/users', (ctx) => {
    const pagination = readPagination(ctx);
    setPaginationHeaders(ctx, pagination, accounts.count);
    ctx.body = accounts.list(pagination.offset, pagination.limit).map(profileOf);
  });

  router.get('/users/:userId', (ctx) => {
    ctx.body = profileOf(accountOf(ctx));
  });

  router.post('/users', async (ctx) => {
    const { password, ...fields } = guard('body', newUser, ctx);
    ctx.body = profileOf(
      await answerTaken(administration.create(requesterOf(ctx), storable(fields), password)),
    );
  });

  router.patch('/users/:userId', async (ctx) => {
    const changes = storable(guard('body', userChanges, ctx));
    const account = accountOf(ctx);
    if (Object.keys(changes).length === 0) {
      throw invalidInput('Value list must not be empty.');
    }
    await answerTaken(administration.update(requesterOf(ctx), account, changes));
    ctx.body = profileOf(account);
  });

  router.get('/users/:userId/custom-data', (ctx) => {
    ctx.body = accountOf(ctx).user.customData;
  });

  router.patch('/users/:userId/custom-data', async (ctx) => {
    const body = guard('body', z.object({ customData }), ctx);
    const account = accountOf(ctx);
    await administration.merge(requesterOf(ctx), account, 'customData', body.customData);
    ctx.body = account.user.customData;
  });

  router.patch('/users/:userId/profile', async (ctx) => {
    const body = guard('body', z.object({ profile }), ctx);
    const account = accountOf(ctx);
    await administration.merge(requesterOf(ctx), account, 'profile', body.profile);
    ctx.body = account.user.profile;
  });

  router.patch('/users/:userId/password', async (ctx) => {
    const body = guard('body', z.object({ password }), ctx);
    const account = accountOf(ctx);
    await administration.setPassword(requesterOf(ctx), account, body.password);
    ctx.body = profileOf(account);
  });

  router.patch('/users/:userId/is-suspended', async (ctx) => {
    const body = guard('body', z.object({ isSuspended: z.boolean() }), ctx);
    const account = accountOf(ctx);
    await administration.setSuspended(requesterOf(ctx), account, body.isSuspended);
    ctx.body = profileOf(account);
  });

  router.delete('/users/:userId', async (ctx) => {
    await administration.remove(requesterOf(ctx), accountOf(ctx));
    ctx.status = 204;
  });

  /** @param {import('koa').ParameterizedContext & { params: Record<string, string> }} ctx */
  function accountOf({ params }) {
    const account = accounts.find(params.userId ?? '');
    if (!account) throw notFound();
    return account;
  }
}

/**
 * An empty text removes a value.
 *
 * @template {Record<string, unknown>} Fields
 * @param {Fields} fields
 * @returns {{ [Name in keyof Fields]: Exclude<Fields[Name], ''> }}
 */
function storable(fields) {
  const entries = Object.entries(fields).map(([name, value]) => {
    if (typeof value !== 'string') return [name, value];
    const limit = maxLength[name];
    if (limit && value.length > limit) throw tooLong(limit);
    // Logto's database can't hold it either.
    if (value.includes('\0')) throw invalidInput('A text must not contain NUL.');
    return [name, value || null];
  });
  return Object.fromEntries(entries);
}

/** @param {string} details */
function invalidInput(details) {
  return new ManagementError(422, 'entity.invalid_input', `Invalid input. ${details}`);
}

/** @param {number} limit Characters. */
function tooLong(limit) {
  return new ManagementError(
    422,
    'entity.value_too_long',
    'The length of value is too long and exceeds the limit.',
    { data: { message: `value too long for type character varying(${limit})` } },
  );
}

/**
 * @template T
 * @param {Promise<T>} change
 * @returns {Promise<T>}
 */
async function answerTaken(change) {
  try {
    return await change;
  } catch (error) {
    if (!(error instanceof IdentifierTakenError)) throw error;
    const { identifier } = error;
    throw new ManagementError(422, takenCodes[identifier], identifierTakenMessages[identifier]);
  }
}
