import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import { IdentifierTakenError } from './accounts.js';
import {
  emailProblem,
  identifierTakenMessages,
  maxIdentifierLength,
  usernameProblem,
} from './identifiers.js';
import { renderForeignForm, renderNoPerson, renderPeople, renderPerson } from './people-pages.js';
import { requesterOf } from './requester.js';
import { managementApi } from './seed.js';

const pageSize = 50;
const bodyLimit = '8kb';

/**
 * The page on which a developer plays the administrator: who is there, edit, give and take roles,
 * suspend, sign out, delete. It needs no sign-in; it is on this machine alone, like everything here.
 *
 * @param {object} options
 * @param {import('./seed.js').Seed} options.seed
 * @param {import('./accounts.js').Accounts} options.accounts
 * @param {import('./access.js').Access} options.access
 * @param {import('./administration.js').Administration} options.administration
 */
export function peopleRoutes({ seed, accounts, access, administration }) {
  const personRoles = seed.roles.filter(({ type }) => type === 'User');
  const resources = seed.resources.filter(({ indicator }) => indicator !== managementApi);
  const router = new Router();
  router.use(refuseForeignForms);
  const parseForm = bodyParser({ enableTypes: ['form'], formLimit: bodyLimit });

  router.get('/people', (ctx) => {
    const pages = Math.max(1, Math.ceil(accounts.count / pageSize));
    const page = Math.min(pages, Math.max(1, Math.trunc(Number(ctx.query.page)) || 1));
    renderPeople(ctx, {
      accounts: accounts.list((page - 1) * pageSize, pageSize),
      organizations: seed.organizations,
      page,
      pages,
      total: accounts.count,
      done: String(ctx.query.done),
    });
  });

  router.get('/people/:id', (ctx) => {
    const account = accounts.find(ctx.params.id ?? '');
    if (!account) return renderNoPerson(ctx);
    renderPerson(ctx, {
      user: account.user,
      values: formOf(account.user),
      errors: {},
      roles: rolesOf(account),
      done: String(ctx.query.done),
    });
  });

  router.post('/people/:id', parseForm, async (ctx) => {
    const account = accounts.find(ctx.params.id ?? '');
    if (!account) return renderNoPerson(ctx);
    const values = readForm(ctx);
    const errors = await save(ctx, account, values);
    if (Object.keys(errors).length === 0) return see(ctx, `/people/${account.user.id}?done=saved`);
    ctx.status = 422;
    renderPerson(ctx, { user: account.user, values, errors, roles: rolesOf(account) });
  });

  router.post('/people/:id/roles', parseForm, async (ctx) => {
    const account = accounts.find(ctx.params.id ?? '');
    if (!account) return renderNoPerson(ctx);
    const form = /** @type {Record<string, unknown>} */ (ctx.request.body ?? {});
    const given = [form.role].flat();
    await accounts.setRoles(
      account,
      personRoles.filter(({ id }) => given.includes(id)).map(({ name }) => name),
    );
    for (const { id } of seed.organizations) {
      await setMembership(ctx, account, id, form[`organization-${id}`]);
    }
    see(ctx, `/people/${account.user.id}?done=roles`);
  });

  action('suspend', async (requester, account) => {
    await administration.setSuspended(requester, account, true);
  });
  action('unsuspend', async (requester, account) => {
    await administration.setSuspended(requester, account, false);
  });
  action('sign-out', async (_requester, account) => {
    await administration.signOut(account);
  });
  action('delete', async (requester, account) => {
    await administration.remove(requester, account);
  });

  return router.routes();

  /**
   * @param {'suspend' | 'unsuspend' | 'sign-out' | 'delete'} name
   * @param {(requester: import('./administration.js').Requester,
   *   account: import('./accounts.js').Account) => Promise<void>} change
   */
  function action(name, change) {
    router.post(`/people/:id/${name}`, async (ctx) => {
      const account = accounts.find(ctx.params.id ?? '');
      if (!account) return renderNoPerson(ctx);
      await change(requesterOf(ctx), account);
      see(ctx, `/people${name === 'delete' ? '' : `/${account.user.id}`}?done=${name}`);
    });
  }

  /**
   * @param {import('./accounts.js').Account} account
   * @returns {import('./people-pages.js').Roles}
   */
  function rolesOf({ user, roles, organizations }) {
    const permissions = (/** @type {string} */ organizationId = '') =>
      resources.flatMap(({ indicator }) =>
        organizationId
          ? access.memberScopes(user.id, organizationId, indicator)
          : access.personScopes(user.id, indicator),
      );
    return {
      own: personRoles.map((role) => ({ ...role, isHeld: roles.includes(role.name) })),
      permissions: permissions(),
      organizations: seed.organizations.map(({ id, name }) => {
        const held = organizations.find((membership) => membership.id === id)?.roles;
        return {
          id,
          name,
          options: membershipOptions(held),
          permissions: held && permissions(id),
        };
      }),
    };
  }

  /**
   * What somebody can be in an organization: each role alone, and what they are now.
   *
   * @param {string[]} [held] Names of roles. Undefined for somebody who is no member.
   */
  function membershipOptions(held) {
    const each = seed.organizationRoles.map(({ name }) => [name]);
    const current = membershipValue(held);
    return [undefined, [], ...each, ...(held && held.length > 1 ? [held] : [])].map((roles) => ({
      value: membershipValue(roles),
      label: roles ? roles.join(' and ') || 'Member without a role' : 'Not a member',
      isHeld: membershipValue(roles) === current,
      roles,
    }));
  }

  /**
   * @param {import('koa').Context} ctx
   * @param {import('./accounts.js').Account} account
   * @param {string} organizationId
   * @param {unknown} value Of one of the options; anything else changes nothing.
   */
  async function setMembership(ctx, account, organizationId, value) {
    const held = account.organizations.find(({ id }) => id === organizationId)?.roles;
    const chosen = membershipOptions(held).find((option) => option.value === value);
    if (!chosen || chosen.isHeld) return;
    if (!chosen.roles) {
      return administration.removeMember(requesterOf(ctx), organizationId, account);
    }
    if (!held) await administration.addMembers(requesterOf(ctx), organizationId, [account]);
    await accounts.setMembership(account, organizationId, chosen.roles);
  }

  /**
   * @param {import('koa').Context} ctx
   * @param {import('./accounts.js').Account} account
   * @param {Record<FieldName, string>} values
   * @returns {Promise<Partial<Record<FieldName, string>>>} Messages by field; none when it is saved.
   */
  async function save(ctx, account, values) {
    /** @type {Partial<Record<FieldName, string | null>>} */
    const changes = {};
    for (const name of fieldNames) {
      if (values[name] !== (account.user[name] ?? '')) changes[name] = values[name] || null;
    }
    const errors = mistakes(changes);
    if (Object.keys(errors).length > 0 || Object.keys(changes).length === 0) return errors;
    try {
      await administration.update(requesterOf(ctx), account, changes);
      return {};
    } catch (error) {
      if (!(error instanceof IdentifierTakenError)) throw error;
      return { [error.identifier]: identifierTakenMessages[error.identifier] };
    }
  }
}

/**
 * No other site can post these forms: a browser says where a form comes from, and can't be made to
 * say otherwise.
 *
 * @type {import('koa').Middleware}
 */
async function refuseForeignForms(ctx, next) {
  if (ctx.method !== 'POST' || ctx.get('origin') === `http://${ctx.host}`) return next();
  renderForeignForm(ctx);
}

/** @param {string[]} [roles] */
const membershipValue = (roles) => (roles ? `member ${roles.join(' ')}` : 'none');

/** @typedef {typeof fieldNames[number]} FieldName */
const fieldNames = /** @type {const} */ (['name', 'username', 'primaryEmail']);

/** @param {import('./accounts.js').User} user */
function formOf({ name, username, primaryEmail }) {
  return { name: name ?? '', username: username ?? '', primaryEmail: primaryEmail ?? '' };
}

/** @param {import('koa').Context} ctx */
function readForm(ctx) {
  const body = /** @type {Record<string, unknown>} */ (ctx.request.body ?? {});
  const text = (/** @type {FieldName} */ field) => {
    const value = body[field];
    return typeof value === 'string' ? value.trim() : '';
  };
  return { name: text('name'), username: text('username'), primaryEmail: text('primaryEmail') };
}

/**
 * @param {Partial<Record<FieldName, string | null>>} changes
 * @returns {Partial<Record<FieldName, string>>}
 */
function mistakes({ name, username, primaryEmail }) {
  const problems = {
    name:
      name && name.length > maxIdentifierLength
        ? `Use at most ${maxIdentifierLength} characters.`
        : undefined,
    username: username ? usernameProblem(username) : undefined,
    primaryEmail: primaryEmail ? emailProblem(primaryEmail) : undefined,
  };
  return Object.fromEntries(Object.entries(problems).filter(([, problem]) => problem));
}

/**
 * Sends the browser on after a form, so that a reload doesn't send it twice.
 *
 * @param {import('koa').Context} ctx
 * @param {string} location
 */
function see(ctx, location) {
  ctx.redirect(location);
  ctx.status = 303;
}
