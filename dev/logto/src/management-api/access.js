import { z } from 'zod';
import { ManagementError, notExists, notFound, unknownReference } from './error.js';
import { guard } from './guard.js';

const ids = z.string().min(1).array();

/**
 * Who has which role, and who is a member of which organization. Roles and organizations
 * themselves are set in the seed.
 *
 * @param {import('@koa/router')} router
 * @param {import('../accounts.js').Accounts} accounts
 * @param {import('../seed.js').Seed} seed
 */
export function accessRoutes(router, accounts, seed) {
  router.post('/users/:userId/roles', async (ctx) => {
    const { roleIds } = guard('body', z.object({ roleIds: ids }), ctx);
    const account = accounts.find(ctx.params.userId ?? '');
    if (!account) throw notFound();
    const roles = roleIds.map((roleId) => {
      const role = seed.roles.find(({ id }) => id === roleId);
      if (!role) throw notExists('roles', roleId);
      return role;
    });
    const added = roles.filter(({ name }) => !account.roles.includes(name));
    await accounts.setAccess(account, {
      roles: [...account.roles, ...added.map(({ name }) => name)],
    });
    ctx.status = 201;
    ctx.body = { roleIds, addedRoleIds: added.map(({ id }) => id) };
  });

  router.delete('/users/:userId/roles/:roleId', async (ctx) => {
    const account = accounts.find(ctx.params.userId ?? '');
    const role = seed.roles.find(({ id }) => id === ctx.params.roleId);
    if (!account || !role || !account.roles.includes(role.name)) throw notFound();
    await accounts.setAccess(account, {
      roles: account.roles.filter((name) => name !== role.name),
    });
    ctx.status = 204;
  });

  router.post('/organizations/:id/users', async (ctx) => {
    const { userIds } = guard('body', z.object({ userIds: ids.nonempty() }), ctx);
    const organizationId = ctx.params.id ?? '';
    const members = userIds.map((id) => accounts.find(id) ?? fail());
    if (!seed.organizations.some(({ id }) => id === organizationId)) fail();
    for (const account of members) {
      if (memberOf(account, organizationId)) continue;
      await accounts.setAccess(account, {
        organizations: [...account.organizations, { id: organizationId, roles: [] }],
      });
    }
    ctx.status = 201;
    ctx.body = { userIds };
  });

  router.post('/organizations/:id/users/:userId/roles', async (ctx) => {
    const body = z.object({ organizationRoleIds: ids });
    const { organizationRoleIds } = guard('body', body, ctx);
    const { id = '', userId = '' } = ctx.params;
    const account = accounts.find(userId);
    const membership = account && memberOf(account, id);
    if (!membership) {
      throw new ManagementError(
        422,
        'organization.require_membership',
        'The user must be a member of the organization to proceed.',
      );
    }
    const names = organizationRoleIds.map(
      (roleId) => seed.organizationRoles.find((role) => role.id === roleId)?.name ?? fail(),
    );
    const changed = { id, roles: [...new Set([...membership.roles, ...names])] };
    await accounts.setAccess(account, {
      organizations: account.organizations.map((other) => (other.id === id ? changed : other)),
    });
    ctx.status = 201;
    ctx.body = { organizationRoleIds };
  });

  router.delete('/organizations/:id/users/:userId', async (ctx) => {
    const { id = '', userId = '' } = ctx.params;
    const account = accounts.find(userId);
    if (!account || !memberOf(account, id)) throw notFound();
    await accounts.setAccess(account, {
      organizations: account.organizations.filter((membership) => membership.id !== id),
    });
    ctx.status = 204;
  });
}

/**
 * @param {import('../accounts.js').Account} account
 * @param {string} organizationId
 */
function memberOf({ organizations }, organizationId) {
  return organizations.find(({ id }) => id === organizationId);
}

/** @returns {never} */
function fail() {
  throw unknownReference();
}
