/**
 * @import { Context } from 'koa'
 * @import { Account } from './accounts.js'
 */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import { personScopes } from './access.js';
import { IdentifierTakenError } from './accounts.js';
import { personForm, problemsOf, takenMessages } from './forms.js';
import { renderPeople, renderPerson, renderProblem } from './people-pages.js';
import { managementApi } from './seed.js';

const pageSize = 50;

/**
 * The page on which a developer is the administrator: edit people, give and take roles, suspend, sign
 * out, delete. It needs no sign-in, because only this machine reaches it.
 *
 * @param {import('./tenant.js').Tenant} tenant
 */
export function peopleRoutes(tenant) {
  const { seed, accounts, administration } = tenant;
  const personRoles = seed.roles.filter(({ type }) => type === 'User');
  const resources = seed.resources.filter(({ indicator }) => indicator !== managementApi);
  const router = new Router();
  router.use(rejectOtherSites);
  router.use(bodyParser({ enableTypes: ['form'], formLimit: '8kb' }));

  router.get('/people', (ctx) => {
    const pages = Math.max(1, Math.ceil(accounts.count / pageSize));
    const page = Math.min(pages, Math.max(1, Math.trunc(Number(ctx.query.page)) || 1));
    renderPeople(ctx, {
      accounts: accounts.list((page - 1) * pageSize, pageSize),
      organizations: seed.organizations,
      page,
      pages,
      total: accounts.count,
    });
  });

  router.get('/people/:id', (ctx) => {
    const account = accounts.find(ctx.params.id);
    if (!account) return renderMissing(ctx);
    renderPerson(ctx, account.user, rolesOf(account));
  });

  action('', 'saved', async (ctx, account, form) => {
    const values = Object.fromEntries(
      fieldNames.map((name) => [name, String(form[name] ?? '').trim() || null]),
    );
    const errors = await save(ctx, account, values);
    if (!errors) return;
    ctx.status = 422;
    renderPerson(ctx, account.user, rolesOf(account), values, errors);
  });
  action('/roles', 'roles', async (ctx, account, form) => {
    const chosen = personRoles.filter(({ id }) => [form.role].flat().includes(id));
    await accounts.setRoles(
      account,
      chosen.map(({ name }) => name),
    );
    for (const { id } of seed.organizations) {
      await setMembership(ctx, account, id, form[`organization-${id}`]);
    }
  });
  action('/suspend', 'suspend', (ctx, account) => administration.setSuspended(ctx, account, true));
  action('/unsuspend', 'unsuspend', (ctx, account) =>
    administration.setSuspended(ctx, account, false),
  );
  action('/sign-out', 'sign-out', (_ctx, account) => administration.signOut(account));
  action('/delete', 'delete', (ctx, account) => administration.remove(ctx, account));

  return router.routes();

  /**
   * Handles a form. Unless that rendered a page, the browser goes to one that says what was done: a
   * reload doesn't send the form again.
   *
   * @param {string} path
   * @param {string} done
   * @param {(ctx: Context, account: Account, form: Record<string, unknown>) => Promise<void>} change
   */
  function action(path, done, change) {
    router.post(`/people/:id${path}`, async (ctx) => {
      const account = accounts.find(ctx.params.id);
      if (!account) return renderMissing(ctx);
      const form = /** @type {Record<string, unknown>} */ (ctx.request.body ?? {});
      await change(ctx, account, form);
      if (ctx.body) return;
      const exists = accounts.find(account.user.id);
      ctx.redirect(`/people${exists ? `/${account.user.id}` : ''}?done=${done}`);
      ctx.status = 303;
    });
  }

  /** @param {Account} account @returns {import('./people-pages.js').Roles} */
  function rolesOf({ user, roles, organizations }) {
    const permissions = (/** @type {string} */ organizationId = '') =>
      resources.flatMap(({ indicator }) =>
        personScopes(tenant, user.id, indicator, organizationId),
      );
    return {
      own: personRoles.map((role) => ({ ...role, isHeld: roles.includes(role.name) })),
      permissions: permissions(),
      organizations: seed.organizations.map(({ id, name }) => {
        const held = organizations.find((membership) => membership.id === id)?.roles;
        const options = membershipOptions(held);
        return { id, name, options, permissions: held && permissions(id) };
      }),
    };
  }

  /**
   * The choices for a person in an organization: not a member, without a role, each role, and what
   * they have now.
   *
   * @param {string[]} [held] Names of roles. Undefined if they are not a member.
   */
  function membershipOptions(held) {
    const value = (/** @type {string[] | undefined} */ roles) =>
      roles ? `member ${roles.join(' ')}` : 'none';
    const each = seed.organizationRoles.map(({ name }) => [name]);
    return [undefined, [], ...each, ...(held && held.length > 1 ? [held] : [])].map((roles) => ({
      value: value(roles),
      label: roles ? roles.join(' and ') || 'Member without a role' : 'Not a member',
      isHeld: value(roles) === value(held),
      roles,
    }));
  }

  /**
   * @param {Context} ctx
   * @param {Account} account
   * @param {string} organizationId
   * @param {unknown} value Of one of the options. Others are ignored.
   */
  async function setMembership(ctx, account, organizationId, value) {
    const held = account.organizations.find(({ id }) => id === organizationId)?.roles;
    const chosen = membershipOptions(held).find((option) => option.value === value);
    if (!chosen || chosen.isHeld) return;
    if (!chosen.roles) return administration.removeMember(ctx, organizationId, account);
    if (!held) await administration.addMembers(ctx, organizationId, [account]);
    await accounts.setMembership(account, organizationId, chosen.roles);
  }

  /**
   * @param {Context} ctx
   * @param {Account} account
   * @param {Record<string, string | null>} values
   * @returns {Promise<Record<string, string> | undefined>} What is wrong, by field.
   */
  async function save(ctx, account, values) {
    const changes = Object.fromEntries(
      fieldNames
        .filter((name) => values[name] !== account.user[name])
        .map((name) => [name, values[name]]),
    );
    const errors = problemsOf(personForm, changes);
    if (errors || Object.keys(changes).length === 0) return errors;
    try {
      await administration.update(ctx, account, changes);
    } catch (error) {
      if (!(error instanceof IdentifierTakenError)) throw error;
      return { [error.identifier]: takenMessages[error.identifier] };
    }
  }
}

const fieldNames = /** @type {const} */ (['name', 'username', 'primaryEmail']);

/**
 * Browsers say which site a form comes from.
 *
 * @type {import('koa').Middleware}
 */
async function rejectOtherSites(ctx, next) {
  if (ctx.method !== 'POST' || ctx.get('origin') === `http://${ctx.host}`) return next();
  renderProblem(ctx, 403, 'Not allowed', 'This form came from another site.');
}

/** @param {Context} ctx */
function renderMissing(ctx) {
  renderProblem(ctx, 404, 'No such person', 'They may have been deleted.');
}
