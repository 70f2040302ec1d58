import { z } from 'zod';
import { requesterOf } from '../requester.js';
import { ManagementError, notExists, notFound, unknownReference } from './error.js';
import { guard } from './guard.js';

const ids = z.string().min(1).array();

/**
 * Who has which role, and who is a member of which organization. Roles and organizations
 * themselves are set in the seed.
 *
 * @param {import('@koa/router')} router
 * @param {import('../accounts.js').Accounts} accounts
 * @param {import('../administration.js').Administration} administration
 * @param {import('../seed.js').Seed} seed
 */
export function accessRoutes(router, accounts, administration, seed) {
  router.post('/users/:userId/roles', async (ctx) => {
    const { roleIds } = guard('body', z.object({ roleIds: ids }), ctx);
    const account = accounts.find(ctx.params.userId ?? '');
    if (!account) throw notFound();
    const roles = roleIds.map((roleId) => {
      const role = seed.roles.find(({ id }) => id === roleId);
      if (!role) throw notExists('roles', roleId);
      return role;
    });
    if (roles.some(({ type }) => type !== 'User')) {
      throw new ManagementError(
        422,
        'user.invalid_role_type',
        'Invalid role type, can not assign machine-to-machine role to user.',
      );
    }
    const added = roles.filter(({ name }) => !account.roles.includes(name));
    await accounts.setRoles(account, [...account.roles, ...added.map(({ name }) => name)]);
    ctx.status = 201;
    ctx.body = { roleIds, addedRoleIds: added.map(({ id }) => id) };
  });

  router.delete('/users/:userId/roles/:roleId', async (ctx) => {
    const account = accounts.find(ctx.params.userId ?? '');
    const role = seed.roles.find(({ id }) => id === ctx.params.roleId);
    if (!account || !role || !account.roles.includes(role.name)) throw notFound();
    await accounts.setRoles(
      account,
      account.roles.filter((name) => name !== role.name),
    );
    ctx.status = 204;
  });

  router.post('/organizations/:id/users', async (ctx) => {
    const { userIds } = guard('body', z.object({ userIds: ids.nonempty() }), ctx);
    const organizationId = ctx.params.id ?? '';
    const members = userIds.map((id) => accounts.find(id) ?? fail());
    if (!seed.organizations.some(({ id }) => id === organizationId)) fail();
    await administration.addMembers(requesterOf(ctx), organizationId, members);
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
    await accounts.setMembership(account, id, [...new Set([...membership.roles, ...names])]);
    ctx.status = 201;
    ctx.body = { organizationRoleIds };
  });

  router.delete('/organizations/:id/users/:userId', async (ctx) => {
    const { id = '', userId = '' } = ctx.params;
    const account = accounts.find(userId);
    if (!account || !memberOf(account, id)) throw notFound();
    await administration.removeMember(requesterOf(ctx), id, account);
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
