import { errors } from 'oidc-provider';
import { JsonFile } from './json-file.js';

/**
 * For so many milliseconds after its last use Logto takes a refresh token again. Without it a page
 * that is reloaded between a refresh and its answer would lose its session.
 */
const refreshTokenReuseInterval = 3000;

/**
 * @typedef {object} Stored
 * @property {import('oidc-provider').AdapterPayload} payload
 * @property {number} [expiresAt] Milliseconds since 1970.
 * @property {number} [consumedAt] Its last use, in milliseconds since 1970.
 */

/**
 * Keeps what oidc-provider must remember (sessions, grants, codes, refresh tokens) in one file, so
 * that people stay signed in over a restart. Access tokens in JWT format are not stored at all.
 */
export class OidcStorage {
  #file;

  /** @param {JsonFile<Record<string, Stored>>} file */
  constructor(file) {
    this.#file = file;
  }

  /** @param {string} path */
  static async open(path) {
    return new OidcStorage(await JsonFile.open(path, {}));
  }

  /** @type {import('oidc-provider').AdapterFactory} */
  adapter = (model) => new OidcAdapter(this.#file, model);

  /**
   * The sessions of a person, at most one for each browser.
   *
   * @param {string} accountId
   */
  sessionsOf(accountId) {
    return this.#sessions().filter(({ payload }) => payload.accountId === accountId);
  }

  /** @param {string} uid */
  findSession(uid) {
    return this.#sessions().find(({ payload }) => payload.uid === uid);
  }

  /**
   * @param {Stored} session
   * @param {boolean} withGrants Whether the refresh tokens got by it end as well.
   */
  async revokeSession(session, withGrants) {
    const grants = Object.values(session.payload.authorizations ?? {}).map(
      ({ grantId }) => grantId,
    );
    await this.#drop(
      (stored) => stored === session || (withGrants && grants.includes(grantIdOf(stored))),
    );
  }

  /**
   * Ends all that a person's sign-ins have led to: sessions, refresh tokens, opaque access tokens.
   *
   * @param {string} accountId
   */
  async revokeAccount(accountId) {
    await this.#drop(({ payload }) => payload.accountId === accountId);
  }

  #sessions() {
    return Object.entries(this.#file.data)
      .filter(([key, stored]) => key.startsWith('Session:') && !isExpired(stored))
      .map(([, stored]) => stored);
  }

  /** @param {(stored: Stored) => boolean} matches */
  async #drop(matches) {
    for (const [key, stored] of Object.entries(this.#file.data)) {
      if (matches(stored)) delete this.#file.data[key];
    }
    await this.#file.save();
  }
}

/** One model's share of the file. Keys are `<model>:<id>`. */
class OidcAdapter {
  #file;
  #model;

  /**
   * @param {JsonFile<Record<string, Stored>>} file
   * @param {string} model
   */
  constructor(file, model) {
    this.#file = file;
    this.#model = model;
  }

  /**
   * @param {string} id
   * @param {import('oidc-provider').AdapterPayload} payload
   * @param {number | undefined} expiresIn Seconds.
   */
  async upsert(id, payload, expiresIn) {
    this.#dropExpired();
    this.#file.data[this.#key(id)] = {
      payload: structuredClone(payload),
      expiresAt: expiresIn === undefined ? undefined : Date.now() + expiresIn * 1000,
    };
    await this.#file.save();
  }

  /**
   * @param {string} id
   * @throws {errors.InvalidClient} for a client: those that exist are in the seed, and are not
   *   looked up here.
   */
  async find(id) {
    if (this.#model === 'Client') throw new errors.InvalidClient(`invalid client ${id}`);
    const stored = this.#file.data[this.#key(id)];
    return stored && !isExpired(stored) ? this.#payloadOf(stored) : undefined;
  }

  /** @param {string} uid */
  async findByUid(uid) {
    return this.#findBy((payload) => payload.uid === uid);
  }

  /** @param {string} userCode */
  async findByUserCode(userCode) {
    return this.#findBy((payload) => payload.userCode === userCode);
  }

  /** @param {string} id */
  async consume(id) {
    const stored = this.#file.data[this.#key(id)];
    if (!stored) return;
    stored.consumedAt = Date.now();
    await this.#file.save();
  }

  /** @param {string} id */
  async destroy(id) {
    delete this.#file.data[this.#key(id)];
    await this.#file.save();
  }

  /** @param {string} grantId */
  async revokeByGrantId(grantId) {
    for (const [key, stored] of this.#entries()) {
      if (stored.payload.grantId === grantId) delete this.#file.data[key];
    }
    await this.#file.save();
  }

  /** @param {(payload: import('oidc-provider').AdapterPayload) => boolean} matches */
  #findBy(matches) {
    const entry = this.#entries().find(
      ([, stored]) => !isExpired(stored) && matches(stored.payload),
    );
    return entry && this.#payloadOf(entry[1]);
  }

  /** @param {Stored} stored */
  #payloadOf({ payload, consumedAt }) {
    const copy = structuredClone(payload);
    return this.#isConsumed(consumedAt) ? { ...copy, consumed: true } : copy;
  }

  /** @param {number | undefined} consumedAt */
  #isConsumed(consumedAt) {
    if (consumedAt === undefined) return false;
    return this.#model !== 'RefreshToken' || Date.now() - consumedAt > refreshTokenReuseInterval;
  }

  #dropExpired() {
    for (const [key, stored] of Object.entries(this.#file.data)) {
      if (isExpired(stored)) delete this.#file.data[key];
    }
  }

  #entries() {
    const prefix = this.#key('');
    return Object.entries(this.#file.data).filter(([key]) => key.startsWith(prefix));
  }

  /** @param {string} id */
  #key(id) {
    return `${this.#model}:${id}`;
  }
}

/** @param {Stored} stored */
function isExpired({ expiresAt }) {
  return expiresAt !== undefined && expiresAt <= Date.now();
}

/** @param {Stored} stored */
function grantIdOf({ payload }) {
  return payload.kind === 'Grant' ? payload.jti : payload.grantId;
}
