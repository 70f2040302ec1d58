import { randomInt } from 'node:crypto';
import { JsonFile } from './json-file.js';
import { hashPassword, verifyPassword } from './password.js';

/**
 * A user in the shape of Logto's Management API and webhooks. Times are milliseconds since 1970.
 *
 * @typedef {object} User
 * @property {string} id
 * @property {string | null} username
 * @property {string | null} primaryEmail
 * @property {string | null} primaryPhone
 * @property {string | null} name
 * @property {string | null} avatar
 * @property {Record<string, unknown>} customData
 * @property {Record<string, unknown>} identities
 * @property {number | null} lastSignInAt
 * @property {number} createdAt
 * @property {number} updatedAt
 * @property {Record<string, unknown>} profile
 * @property {string | null} applicationId The first application the user signed in to.
 * @property {boolean} isSuspended
 *
 * @typedef {object} Account
 * @property {User} user
 * @property {string | null} passwordHash Null for a person who can't sign in with one.
 * @property {string[]} roles By name.
 * @property {import('./seed.js').Membership[]} organizations
 *
 * @typedef {'username' | 'primaryEmail' | 'primaryPhone'} Identifier What must be a person's own.
 * @typedef {Pick<User, Identifier | 'name' | 'avatar' | 'customData' | 'profile'>} EditableFields
 * @typedef {'invalid_credentials' | 'suspended'} SignInRefusal
 */

const idAlphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** @type {Identifier[]} */
const identifiers = ['username', 'primaryEmail', 'primaryPhone'];

/** Somebody else has this username, e-mail address or phone number. */
export class IdentifierTakenError extends Error {
  /** @param {Identifier} identifier */
  constructor(identifier) {
    super(`${identifier} is taken`);
    this.identifier = identifier;
  }
}

/** The people who can sign in, kept in one file. Every change is on disk when its promise resolves. */
export class Accounts {
  #file;
  #defaultRoles;
  /** @type {Map<string, Account>} */
  #byId = new Map();
  /** @type {Map<string, Account>} Keys are from {@link identifierKey}. */
  #byIdentifier = new Map();

  /**
   * @param {JsonFile<Account[]>} file
   * @param {string[]} defaultRoles
   */
  constructor(file, defaultRoles) {
    this.#file = file;
    this.#defaultRoles = defaultRoles;
    file.data.sort((a, b) => a.user.createdAt - b.user.createdAt);
    for (const account of file.data) this.#index(account);
  }

  /**
   * Opens the store and adds the seeded people who were never in it. Those who were stay as they
   * are, or deleted.
   *
   * @param {string} path
   * @param {string} seededPath Remembers the ids of the seeded people.
   * @param {import('./seed.js').Seed} seed
   */
  static async open(path, seededPath, { people, roles }) {
    const accounts = new Accounts(
      await JsonFile.open(path, /** @type {Account[]} */ ([])),
      roles.filter(({ isDefault }) => isDefault).map(({ name }) => name),
    );
    const seeded = await JsonFile.open(seededPath, /** @type {string[]} */ ([]));
    const missing = people.filter(({ id }) => !accounts.find(id) && !seeded.data.includes(id));
    for (const { id, password, roles, organizations, ...fields } of missing) {
      accounts.#add({
        user: newUser(id, fields),
        passwordHash: password === undefined ? null : await hashPassword(password),
        roles: [...roles],
        organizations: structuredClone(organizations),
      });
    }
    if (missing.length > 0) await accounts.#file.save();
    seeded.data = [...new Set([...seeded.data, ...people.map(({ id }) => id)])];
    await seeded.save();
    return accounts;
  }

  get count() {
    return this.#file.data.length;
  }

  /**
   * The newest first, as Logto lists them.
   *
   * @param {number} offset
   * @param {number} limit
   */
  list(offset, limit) {
    const end = Math.max(0, this.count - offset);
    return this.#file.data.slice(Math.max(0, end - limit), end).reverse();
  }

  /** @param {string} id */
  find(id) {
    return this.#byId.get(id);
  }

  /**
   * The account, if its person may use it: it exists and isn't suspended.
   *
   * @param {string} id
   */
  findActive(id) {
    const account = this.find(id);
    return account?.user.isSuspended ? undefined : account;
  }

  /**
   * Checks a password and notes the sign-in. The answer for a wrong password and for an unknown
   * person is the same.
   *
   * @param {string} name Username or e-mail address.
   * @param {string} password
   * @returns {Promise<{ account: Account } | { refusal: SignInRefusal }>}
   */
  async signIn(name, password) {
    const account =
      this.#byIdentifier.get(identifierKey('username', name)) ??
      this.#byIdentifier.get(identifierKey('primaryEmail', name));
    const matches = account?.passwordHash && (await verifyPassword(password, account.passwordHash));
    // The account may have been deleted while its password was checked.
    if (!account || !matches || this.find(account.user.id) !== account) {
      return { refusal: 'invalid_credentials' };
    }
    if (account.user.isSuspended) return { refusal: 'suspended' };
    await this.noteSignIn(account);
    return { account };
  }

  /** @param {Account} account */
  async noteSignIn({ user }) {
    touch(user);
    user.lastSignInAt = user.updatedAt;
    await this.#file.save();
  }

  /**
   * Notes the application a person first used. It moves `updatedAt` without a webhook, as in Logto.
   *
   * @param {Account} account
   * @param {string} applicationId
   */
  async noteApplication({ user }, applicationId) {
    if (user.applicationId !== null) return;
    user.applicationId = applicationId;
    touch(user);
    await this.#file.save();
  }

  /**
   * Adds a person who has the default roles and no organizations.
   *
   * @param {Partial<EditableFields>} fields
   * @param {string} [password]
   * @returns {Promise<Account>}
   * @throws {IdentifierTakenError}
   */
  async create(fields, password) {
    const passwordHash = password === undefined ? null : await hashPassword(password);
    // From here to the push nothing waits, so two people can't take the same name.
    this.#refuseTaken(fields);
    const user = newUser(this.#newId(), fields);
    const account = { user, passwordHash, roles: [...this.#defaultRoles], organizations: [] };
    this.#add(account);
    await this.#file.save();
    return account;
  }

  /**
   * @param {Account} account
   * @param {Partial<EditableFields & Pick<User, 'isSuspended'>>} changes
   * @throws {IdentifierTakenError}
   */
  async update(account, changes) {
    this.#refuseTaken(changes, account);
    this.#unindex(account);
    Object.assign(account.user, changes);
    touch(account.user);
    this.#index(account);
    await this.#file.save();
  }

  /**
   * @param {Account} account
   * @param {string} password
   */
  async setPassword(account, password) {
    account.passwordHash = await hashPassword(password);
    touch(account.user);
    await this.#file.save();
  }

  /**
   * Roles and memberships are no part of the user, so `updatedAt` stays.
   *
   * @param {Account} account
   * @param {string[]} roles All of them, by name.
   */
  async setRoles(account, roles) {
    account.roles = roles;
    await this.#file.save();
  }

  /**
   * @param {Account} account
   * @param {string} organizationId
   * @param {string[]} [roles] All of them, by name. Undefined for somebody who is no member.
   */
  async setMembership(account, organizationId, roles) {
    const others = account.organizations.filter(({ id }) => id !== organizationId);
    account.organizations = roles ? [...others, { id: organizationId, roles }] : others;
    await this.#file.save();
  }

  /** @param {Account} account */
  async remove(account) {
    this.#unindex(account);
    this.#file.data.splice(this.#file.data.indexOf(account), 1);
    await this.#file.save();
  }

  /** @param {Account} account */
  #add(account) {
    this.#file.data.push(account);
    this.#index(account);
  }

  /** @param {Account} account */
  #index(account) {
    this.#byId.set(account.user.id, account);
    for (const key of identifierKeys(account.user)) this.#byIdentifier.set(key, account);
  }

  /** @param {Account} account */
  #unindex(account) {
    this.#byId.delete(account.user.id);
    for (const key of identifierKeys(account.user)) this.#byIdentifier.delete(key);
  }

  /**
   * @param {Partial<Pick<User, Identifier>>} fields
   * @param {Account} [owner] Who may have them.
   */
  #refuseTaken(fields, owner) {
    for (const identifier of identifiers) {
      const value = fields[identifier];
      const holder = value && this.#byIdentifier.get(identifierKey(identifier, value));
      if (holder && holder !== owner) throw new IdentifierTakenError(identifier);
    }
  }

  /** Twelve characters, like Logto's user ids. */
  #newId() {
    let id;
    do {
      id = Array.from({ length: 12 }, () => idAlphabet[randomInt(idAlphabet.length)]).join('');
    } while (this.find(id));
    return id;
  }
}

/**
 * @param {string} id
 * @param {Partial<EditableFields>} fields
 * @returns {User}
 */
function newUser(id, fields) {
  const now = Date.now();
  return {
    id,
    username: null,
    primaryEmail: null,
    primaryPhone: null,
    name: null,
    avatar: null,
    customData: {},
    identities: {},
    lastSignInAt: null,
    createdAt: now,
    updatedAt: now,
    profile: {},
    applicationId: null,
    isSuspended: false,
    ...fields,
  };
}

/**
 * Moves `updatedAt`. Two changes never share a millisecond, so that it orders the states of a user.
 *
 * @param {User} user
 */
function touch(user) {
  user.updatedAt = Math.max(Date.now(), user.updatedAt + 1);
}

/**
 * Usernames are case-sensitive, as in Logto; e-mail addresses are not.
 *
 * @param {Identifier} identifier
 * @param {string} value
 */
function identifierKey(identifier, value) {
  return `${identifier}:${identifier === 'primaryEmail' ? value.toLowerCase() : value}`;
}

/** @param {User} user */
function identifierKeys(user) {
  return identifiers.flatMap((identifier) => {
    const value = user[identifier];
    return value === null ? [] : [identifierKey(identifier, value)];
  });
}
