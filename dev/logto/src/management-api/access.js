import { z } from 'zod';
import { guard, ManagementError, notExists, notFound } from './errors.js';

const ids = z.string().min(1).array();

/**
 * Who has which role, and who is a member of which organization.
 *
 * @param {import('@koa/router')} router
 * @param {import('../tenant.js').Tenant} tenant
 */
export function accessRoutes(router, { accounts, administration, seed }) {
  router.post('/users/:userId/roles', async (ctx) => {
    const { roleIds } = guard('body', z.object({ roleIds: ids }), ctx);
    const account = accounts.find(ctx.params.userId);
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
    const account = accounts.find(ctx.params.userId);
    const role = seed.roles.find(({ id }) => id === ctx.params.roleId);
    if (!account || !role || !account.roles.includes(role.name)) throw notFound();
    const others = account.roles.filter((name) => name !== role.name);
    await accounts.setRoles(account, others);
    ctx.status = 204;
  });

  router.post('/organizations/:id/users', async (ctx) => {
    const { userIds } = guard('body', z.object({ userIds: ids.nonempty() }), ctx);
    const organization = seed.organizations.find(({ id }) => id === ctx.params.id);
    const members = userIds.map((id) => accounts.find(id) ?? failReference());
    await administration.addMembers(ctx, (organization ?? failReference()).id, members);
    ctx.status = 201;
    ctx.body = { userIds };
  });

  router.post('/organizations/:id/users/:userId/roles', async (ctx) => {
    const body = z.object({ organizationRoleIds: ids });
    const { organizationRoleIds } = guard('body', body, ctx);
    const { account, membership } = memberOf(ctx.params);
    if (!membership) {
      throw new ManagementError(
        422,
        'organization.require_membership',
        'The user must be a member of the organization to proceed.',
      );
    }
    const names = organizationRoleIds.map((roleId) => {
      const role = seed.organizationRoles.find(({ id }) => id === roleId);
      return (role ?? failReference()).name;
    });
    const roles = [...new Set([...membership.roles, ...names])];
    await accounts.setMembership(account, membership.id, roles);
    ctx.status = 201;
    ctx.body = { organizationRoleIds };
  });

  router.delete('/organizations/:id/users/:userId', async (ctx) => {
    const { account, membership } = memberOf(ctx.params);
    if (!membership) throw notFound();
    await administration.removeMember(ctx, membership.id, account);
    ctx.status = 204;
  });

  /** @param {Record<string, string>} params */
  function memberOf({ userId, id: organizationId }) {
    const account = accounts.find(userId);
    const membership = account?.organizations.find(({ id }) => id === organizationId);
    return account && membership ? { account, membership } : {};
  }
}

/** @returns {never} */
function failReference() {
  throw new ManagementError(
    422,
    'entity.relation_foreign_key_not_found',
    'Cannot find one or more foreign keys. Please check the input and ensure that all referenced entities exist.',
  );
}
