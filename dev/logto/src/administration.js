/** @import { Context } from 'koa' */
/** @import { Account, Accounts, EditableFields } from './accounts.js' */
/** @import { OidcStorage } from './oidc-storage.js' */
/** @import { WebhookEvent, Webhooks } from './webhooks.js' */

/**
 * What an administrator does by the Management API or on the people page: the change, the end of the
 * person's sessions if need be, and the webhook.
 */
export class Administration {
  #accounts;
  #webhooks;
  #oidcStorage;

  /** @param {Accounts} accounts @param {Webhooks} webhooks @param {OidcStorage} oidcStorage */
  constructor(accounts, webhooks, oidcStorage) {
    this.#accounts = accounts;
    this.#webhooks = webhooks;
    this.#oidcStorage = oidcStorage;
  }

  /**
   * @param {Context} ctx
   * @param {Partial<EditableFields>} fields
   * @param {string} [password] Without one the person can't sign in.
   */
  async create(ctx, fields, password) {
    const account = await this.#accounts.create(fields, password);
    this.#send(ctx, 'User.Created', request('POST', '/users', {}), { data: profileOf(account) });
    return account;
  }

  /**
   * @param {Context} ctx
   * @param {Account} account
   * @param {Partial<EditableFields>} changes
   */
  async update(ctx, account, changes) {
    await this.#accounts.update(account, changes);
    const about = request('PATCH', '/users/:userId', { userId: account.user.id });
    this.#send(ctx, 'User.Data.Updated', about, { data: profileOf(account) });
  }

  /**
   * A suspension ends the person's sessions and refresh tokens. Access tokens stay valid until they
   * expire.
   *
   * @param {Context} ctx
   * @param {Account} account
   * @param {boolean} isSuspended
   */
  async setSuspended(ctx, account, isSuspended) {
    await this.#accounts.update(account, { isSuspended });
    if (isSuspended) await this.signOut(account);
    const about = request('PATCH', '/users/:userId/is-suspended', { userId: account.user.id });
    this.#send(ctx, 'User.SuspensionStatus.Updated', about, { data: profileOf(account) });
  }

  /** @param {Context} ctx @param {Account} account */
  async remove(ctx, account) {
    await this.#accounts.remove(account);
    await this.signOut(account);
    const about = request('DELETE', '/users/:userId', { userId: account.user.id }, 204);
    this.#send(ctx, 'User.Deleted', about, { data: account.user });
  }

  /**
   * Ends the person's sessions and refresh tokens.
   *
   * @param {Account} account
   */
  async signOut({ user }) {
    await this.#oidcStorage.revokeAccount(user.id);
  }

  /**
   * @param {Context} ctx
   * @param {string} organizationId
   * @param {Account[]} members Nothing changes for those who are members already.
   */
  async addMembers(ctx, organizationId, members) {
    for (const account of members) {
      if (account.organizations.some(({ id }) => id === organizationId)) continue;
      await this.#accounts.setMembership(account, organizationId, []);
    }
    const about = request('POST', '/organizations/:id/users', { id: organizationId }, 201);
    this.#send(ctx, 'Organization.Membership.Updated', about, { organizationId });
  }

  /** @param {Context} ctx @param {string} organizationId @param {Account} account */
  async removeMember(ctx, organizationId, account) {
    await this.#accounts.setMembership(account, organizationId, undefined);
    const params = { id: organizationId, userId: account.user.id };
    const about = request('DELETE', '/organizations/:id/users/:userId', params, 204);
    this.#send(ctx, 'Organization.Membership.Updated', about, { organizationId });
  }

  /** @param {Context} ctx @param {WebhookEvent} event @param {...object} payload */
  #send(ctx, event, ...payload) {
    const userAgent = ctx.get('user-agent') || undefined;
    this.#webhooks.send(event, Object.assign({ userAgent, ip: ctx.ip }, ...payload));
  }
}

/**
 * A user in the Management API's answers.
 *
 * @param {Account} account
 */
export function profileOf({ user, passwordHash }) {
  return { ...user, hasPassword: passwordHash !== null };
}

/**
 * The request in a webhook's body. Logto leaves out `/api`.
 *
 * @param {string} method
 * @param {string} matchedRoute
 * @param {Record<string, string>} params
 */
function request(method, matchedRoute, params, status = 200) {
  const path = matchedRoute.replace(/:(\w+)/g, (_, name) => params[name] ?? '');
  return { path, method, status, params, matchedRoute };
}
