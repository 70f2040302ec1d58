/** @import { Membership, Seed } from './seed.js' */
import { randomBytes, randomInt, scrypt as scryptCallback, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { JsonFile } from './json-file.js';

const scrypt = /** @type {(password: string, salt: Buffer, length: number) => Promise<Buffer>} */ (
  promisify(scryptCallback)
);

/**
 * A user as in Logto's Management API and webhooks. Times are milliseconds since 1970.
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
 * @property {string | null} passwordHash Null if the person can't sign in with a password.
 * @property {string[]} roles Names.
 * @property {Membership[]} organizations
 *
 * @typedef {'username' | 'primaryEmail' | 'primaryPhone'} Identifier
 * @typedef {Pick<User, Identifier | 'name' | 'avatar' | 'customData' | 'profile'>} EditableFields
 */

/** @type {Identifier[]} */
const identifiers = ['username', 'primaryEmail', 'primaryPhone'];

/** Another person has this username, e-mail address or phone number. */
export class IdentifierTakenError extends Error {
  /** @param {Identifier} identifier */
  constructor(identifier) {
    super(`${identifier} is taken`);
    this.identifier = identifier;
  }
}

/** The people who can sign in. Every change is on disk when its promise resolves. */
export class Accounts {
  #file;
  #defaultRoles;

  /** @param {JsonFile<Account[]>} file @param {Seed} seed */
  constructor(file, { roles }) {
    this.#file = file;
    this.#defaultRoles = roles.filter(({ isDefault }) => isDefault).map(({ name }) => name);
  }

  /**
   * Opens the store. A new one gets the people of the seed.
   *
   * @param {string} path
   * @param {Seed} seed
   */
  static async open(path, seed) {
    const file = await JsonFile.open(path, () => Promise.all(seed.people.map(seededAccount)));
    return new Accounts(file, seed);
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
    return this.#file.data.toReversed().slice(offset, offset + limit);
  }

  /** @param {string} [id] */
  find(id) {
    return this.#file.data.find(({ user }) => user.id === id);
  }

  /**
   * The account, unless its person is suspended.
   *
   * @param {string} id
   */
  findActive(id) {
    const account = this.find(id);
    return account?.user.isSuspended ? undefined : account;
  }

  /**
   * Checks a password.
   *
   * @param {string} name Username or e-mail address.
   * @param {string} password
   * @returns {Promise<Account | undefined>} The person, who may be suspended.
   */
  async authenticate(name, password) {
    const account = this.#findBy('username', name) ?? this.#findBy('primaryEmail', name);
    const matches = account?.passwordHash && (await verifyPassword(password, account.passwordHash));
    // The person may have been deleted during the check.
    return matches ? this.find(account.user.id) : undefined;
  }

  /** @param {Account} account */
  async noteSignIn({ user }) {
    touch(user);
    user.lastSignInAt = user.updatedAt;
    await this.#file.save();
  }

  /**
   * Stores the first application that a person used. As in Logto this moves `updatedAt`, and there
   * is no webhook for it.
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
   * Adds a person with the default roles.
   *
   * @param {Partial<EditableFields>} fields
   * @param {string} [password]
   * @returns {Promise<Account>}
   */
  async create(fields, password) {
    const passwordHash = password === undefined ? null : await hashPassword(password);
    // No await between the check and the push: two people can't get the same name.
    this.#requireFree(fields);
    const user = newUser(randomId(), fields);
    const account = { user, passwordHash, roles: [...this.#defaultRoles], organizations: [] };
    this.#file.data.push(account);
    await this.#file.save();
    return account;
  }

  /**
   * @param {Account} account
   * @param {Partial<EditableFields & Pick<User, 'isSuspended'>>} changes
   */
  async update(account, changes) {
    this.#requireFree(changes, account);
    Object.assign(account.user, changes);
    touch(account.user);
    await this.#file.save();
  }

  /**
   * Replaces a person's roles. As in Logto this doesn't move `updatedAt`.
   *
   * @param {Account} account
   * @param {string[]} roles Names.
   */
  async setRoles(account, roles) {
    account.roles = roles;
    await this.#file.save();
  }

  /**
   * @param {Account} account
   * @param {string} organizationId
   * @param {string[]} [roles] Names. Undefined ends the membership.
   */
  async setMembership(account, organizationId, roles) {
    const others = account.organizations.filter(({ id }) => id !== organizationId);
    account.organizations = roles ? [...others, { id: organizationId, roles }] : others;
    await this.#file.save();
  }

  /** @param {Account} account */
  async remove(account) {
    this.#file.data.splice(this.#file.data.indexOf(account), 1);
    await this.#file.save();
  }

  /**
   * @param {Identifier} identifier
   * @param {string} value Usernames are case-sensitive, as in Logto. E-mail addresses are not.
   */
  #findBy(identifier, value) {
    const key = (/** @type {string | null} */ text) =>
      identifier === 'primaryEmail' ? text?.toLowerCase() : text;
    return this.#file.data.find(({ user }) => key(user[identifier]) === key(value));
  }

  /**
   * @param {Partial<Pick<User, Identifier>>} fields
   * @param {Account} [owner] The person who may have them already.
   */
  #requireFree(fields, owner) {
    for (const identifier of identifiers) {
      const value = fields[identifier];
      const holder = value && this.#findBy(identifier, value);
      if (holder && holder !== owner) throw new IdentifierTakenError(identifier);
    }
  }
}

/** @param {Seed['people'][number]} person @returns {Promise<Account>} */
async function seededAccount({ id, password, roles, organizations, ...fields }) {
  const passwordHash = await hashPassword(password);
  return { user: newUser(id, fields), passwordHash, ...structuredClone({ roles, organizations }) };
}

/** @param {string} id @param {Partial<EditableFields>} fields @returns {User} */
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

/** Twelve characters, like Logto's user ids. */
function randomId() {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/**
 * Moves `updatedAt`, always by a millisecond at least, so that it tells which state is newer.
 *
 * @param {User} user
 */
function touch(user) {
  user.updatedAt = Math.max(Date.now(), user.updatedAt + 1);
}

/**
 * @param {string} password
 * @returns {Promise<string>} Salt and key in base64url, separated by a dot.
 */
async function hashPassword(password) {
  const salt = randomBytes(16);
  const key = await scrypt(password, salt, 32);
  return `${salt.toString('base64url')}.${key.toString('base64url')}`;
}

/** @param {string} password @param {string} hash */
async function verifyPassword(password, hash) {
  const [salt, key] = hash.split('.').map((text) => Buffer.from(text, 'base64url'));
  return salt && key && timingSafeEqual(key, await scrypt(password, salt, key.length));
}
