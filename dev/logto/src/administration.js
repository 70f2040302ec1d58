/**
 * Who asked for a change, as webhooks tell it.
 *
 * @typedef {object} Requester
 * @property {string} [userAgent]
 * @property {string} ip
 *
 * @typedef {import('./accounts.js').Account} Account
 * @typedef {import('./accounts.js').EditableFields} EditableFields
 */

/**
 * What an administrator does to people, by the Management API or by the page for it: the change,
 * the end of their sessions where it means that, and the webhook.
 */
export class Administration {
  #accounts;
  #webhooks;
  #oidcStorage;

  /**
   * @param {import('./accounts.js').Accounts} accounts
   * @param {import('./webhooks.js').Webhooks} webhooks
   * @param {import('./oidc-storage.js').OidcStorage} oidcStorage
   */
  constructor(accounts, webhooks, oidcStorage) {
    this.#accounts = accounts;
    this.#webhooks = webhooks;
    this.#oidcStorage = oidcStorage;
  }

  /**
   * @param {Requester} requester
   * @param {Partial<EditableFields>} fields
   * @param {string} [password] None: the person can't sign in.
   * @throws {import('./accounts.js').IdentifierTakenError}
   */
  async create(requester, fields, password) {
    const account = await this.#accounts.create(fields, password);
    this.#send('User.Created', requester, {
      ...request('POST', '/users', {}),
      data: profileOf(account),
    });
    return account;
  }

  /**
   * @param {Requester} requester
   * @param {Account} account
   * @param {Partial<EditableFields>} changes
   * @throws {import('./accounts.js').IdentifierTakenError}
   */
  async update(requester, account, changes) {
    await this.#accounts.update(account, changes);
    this.#sendUpdated(requester, account, '/users/:userId', profileOf(account));
  }

  /**
   * Merges into what is there, as Logto does. The webhook has the data alone.
   *
   * @param {Requester} requester
   * @param {Account} account
   * @param {'customData' | 'profile'} field
   * @param {Record<string, unknown>} values
   */
  async merge(requester, account, field, values) {
    await this.#accounts.update(account, { [field]: { ...account.user[field], ...values } });
    const path = field === 'customData' ? 'custom-data' : field;
    this.#sendUpdated(requester, account, `/users/:userId/${path}`, account.user[field]);
  }

  /**
   * @param {Requester} requester
   * @param {Account} account
   * @param {string} password
   */
  async setPassword(requester, account, password) {
    await this.#accounts.setPassword(account, password);
    this.#sendUpdated(requester, account, '/users/:userId/password', profileOf(account));
  }

  /**
   * A suspension ends the person's sessions and refresh tokens. Access tokens in JWT format stay
   * valid until they expire.
   *
   * @param {Requester} requester
   * @param {Account} account
   * @param {boolean} isSuspended
   */
  async setSuspended(requester, account, isSuspended) {
    await this.#accounts.update(account, { isSuspended });
    if (isSuspended) await this.#oidcStorage.revokeAccount(account.user.id);
    const { id: userId } = account.user;
    this.#send('User.SuspensionStatus.Updated', requester, {
      ...request('PATCH', '/users/:userId/is-suspended', { userId }),
      data: profileOf(account),
    });
  }

  /**
   * @param {Requester} requester
   * @param {Account} account
   */
  async remove(requester, account) {
    const { id: userId } = account.user;
    await this.#accounts.remove(account);
    await this.#oidcStorage.revokeAccount(userId);
    this.#send('User.Deleted', requester, {
      data: account.user,
      ...request('DELETE', '/users/:userId', { userId }, 204),
    });
  }

  /**
   * Ends the person's sessions and refresh tokens; they may sign in again.
   *
   * @param {Account} account
   */
  async signOut(account) {
    await this.#oidcStorage.revokeAccount(account.user.id);
  }

  /**
   * Membership has a webhook. Roles, in an organization or not, have none, as in Logto.
   *
   * @param {Requester} requester
   * @param {string} organizationId
   * @param {Account[]} members Those who are members already stay as they are.
   */
  async addMembers(requester, organizationId, members) {
    for (const account of members) {
      if (account.organizations.some(({ id }) => id === organizationId)) continue;
      await this.#accounts.setMembership(account, organizationId, []);
    }
    this.#send('Organization.Membership.Updated', requester, {
      ...request('POST', '/organizations/:id/users', { id: organizationId }, 201),
      organizationId,
    });
  }

  /**
   * @param {Requester} requester
   * @param {string} organizationId
   * @param {Account} account
   */
  async removeMember(requester, organizationId, account) {
    await this.#accounts.setMembership(account, organizationId, undefined);
    const params = { id: organizationId, userId: account.user.id };
    this.#send('Organization.Membership.Updated', requester, {
      ...request('DELETE', '/organizations/:id/users/:userId', params, 204),
      organizationId,
    });
  }

  /**
   * @param {Requester} requester
   * @param {Account} account
   * @param {string} route
   * @param {object} data
   */
  #sendUpdated(requester, { user }, route, data) {
    this.#send('User.Data.Updated', requester, {
      ...request('PATCH', route, { userId: user.id }),
      data,
    });
  }

  /**
   * @param {import('./webhooks.js').WebhookEvent} event
   * @param {Requester} requester
   * @param {object} payload
   */
  #send(event, { userAgent, ip }, payload) {
    this.#webhooks.send(event, { userAgent, ip, ...payload });
  }
}

/**
 * A user as the Management API gives it.
 *
 * @param {Account} account
 */
export function profileOf({ user, passwordHash }) {
  return { ...user, hasPassword: passwordHash !== null };
}

/**
 * The Management API's request for a change, as a webhook tells of it. Logto leaves out `/api`.
 *
 * @param {string} method
 * @param {string} matchedRoute
 * @param {Record<string, string>} params
 */
function request(method, matchedRoute, params, status = 200) {
  const path = matchedRoute.replace(/:(\w+)/g, (_, name) => params[name] ?? '');
  return { path, method, status, params, matchedRoute };
}
