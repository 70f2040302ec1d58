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
 * @property {string | null} applicationId The application the user registered through.
 * @property {boolean} isSuspended
 *
 * @typedef {object} Account
 * @property {User} user
 * @property {string} passwordHash
 * @property {string[]} roles By name.
 * @property {{ id: string, roles: string[] }[]} organizations Membership, with role names.
 *
 * @typedef {'invalid_credentials' | 'suspended'} SignInRefusal
 * @typedef {'username_already_in_use' | 'email_already_in_use'} RegisterRefusal
 */

const idAlphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** The people who can sign in, kept in one file. */
export class Accounts {
  #file;

  /** @param {JsonFile<Account[]>} file */
  constructor(file) {
    this.#file = file;
  }

  /**
   * Opens the store and adds the seeded people it doesn't know yet. Those it knows stay as they
   * are.
   *
   * @param {string} path
   * @param {import('./seed.js').Person[]} people
   */
  static async open(path, people) {
    const file = await JsonFile.open(path, /** @type {Account[]} */ ([]));
    const known = new Set(file.data.map(({ user }) => user.id));
    const missing = people.filter(({ id }) => !known.has(id));
    for (const { password, roles, organizations, ...person } of missing) {
      file.data.push({
        user: newUser(person),
        passwordHash: await hashPassword(password),
        roles,
        organizations,
      });
    }
    if (missing.length > 0) await file.save();
    return new Accounts(file);
  }

  /** @param {string} id */
  find(id) {
    return this.#file.data.find(({ user }) => user.id === id);
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
   * @param {string} identifier Username or e-mail address.
   * @param {string} password
   * @returns {Promise<{ account: Account } | { refusal: SignInRefusal }>}
   */
  async signIn(identifier, password) {
    const account = this.#findByIdentifier(identifier);
    if (!account || !(await verifyPassword(password, account.passwordHash))) {
      return { refusal: 'invalid_credentials' };
    }
    if (account.user.isSuspended) return { refusal: 'suspended' };
    // Logto moves updatedAt at a sign-in too.
    account.user.lastSignInAt = account.user.updatedAt = Date.now();
    await this.#file.save();
    return { account };
  }

  /**
   * Adds a person who has no roles and no organizations, and counts it as a sign-in.
   *
   * @param {{ username: string | null, primaryEmail: string | null, password: string,
   *   applicationId: string }} registration
   * @returns {Promise<{ account: Account } | { refusal: RegisterRefusal }>}
   */
  async register({ username, primaryEmail, password, applicationId }) {
    const passwordHash = await hashPassword(password);
    // From here to the push nothing waits, so two registrations can't take the same name.
    if (username !== null && this.#findByIdentifier(username)) {
      return { refusal: 'username_already_in_use' };
    }
    if (primaryEmail !== null && this.#findByIdentifier(primaryEmail)) {
      return { refusal: 'email_already_in_use' };
    }
    const user = newUser({ id: newId(), username, primaryEmail, name: null });
    user.applicationId = applicationId;
    user.lastSignInAt = user.createdAt;
    const account = { user, passwordHash, roles: [], organizations: [] };
    this.#file.data.push(account);
    await this.#file.save();
    return { account };
  }

  /**
   * Usernames are case-sensitive, as in Logto; e-mail addresses are not.
   *
   * @param {string} identifier
   */
  #findByIdentifier(identifier) {
    const email = identifier.toLowerCase();
    return this.#file.data.find(
      ({ user }) => user.username === identifier || user.primaryEmail === email,
    );
  }
}

/**
 * @param {Pick<User, 'id' | 'username' | 'primaryEmail' | 'name'>} person
 * @returns {User}
 */
function newUser({ id, username, primaryEmail, name }) {
  const now = Date.now();
  return {
    id,
    username,
    primaryEmail,
    primaryPhone: null,
    name,
    avatar: null,
    customData: {},
    identities: {},
    lastSignInAt: null,
    createdAt: now,
    updatedAt: now,
    profile: {},
    applicationId: null,
    isSuspended: false,
  };
}

/** Twelve characters, like Logto's user ids. */
function newId() {
  return Array.from({ length: 12 }, () => idAlphabet[randomInt(idAlphabet.length)]).join('');
}
