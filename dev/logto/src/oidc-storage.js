/** @import { AdapterFactory, AdapterPayload } from 'oidc-provider' */
/** @import { JsonFile } from './json-file.js' */
import { errors } from 'oidc-provider';

/**
 * Logto accepts a used refresh token for so many milliseconds after its last use. Otherwise somebody
 * who reloads a page during a refresh would be signed out.
 */
const refreshTokenReuseInterval = 3000;

/**
 * @typedef {object} Stored
 * @property {AdapterPayload} payload
 * @property {number} [expiresAt] Milliseconds since 1970.
 * @property {number} [consumedAt] Its last use, in milliseconds since 1970.
 */

/**
 * Stores the sessions, grants, codes and refresh tokens of oidc-provider in a file, so people stay
 * signed in when the provider restarts. The keys are `<model>:<id>`.
 */
export class OidcStorage {
  #file;

  /** @param {JsonFile<Record<string, Stored>>} file */
  constructor(file) {
    this.#file = file;
  }

  /** @type {AdapterFactory} */
  adapter = (model) => {
    const key = (/** @type {string} */ id) => `${model}:${id}`;
    return {
      upsert: async (id, payload, expiresIn) => {
        this.#data[key(id)] = {
          payload: structuredClone(payload),
          expiresAt: expiresIn === undefined ? undefined : Date.now() + expiresIn * 1000,
        };
        await this.#remove(isExpired);
      },
      find: async (id) => {
        // Clients are set in the seed. oidc-provider asks here for those it doesn't know.
        if (model === 'Client') throw new errors.InvalidClient(`invalid client ${id}`);
        return payloadOf(this.#data[key(id)], model);
      },
      findByUid: async (uid) =>
        payloadOf(
          this.#all(model).find(({ payload }) => payload.uid === uid),
          model,
        ),
      // Only the device flow has user codes, and it is off.
      findByUserCode: async () => undefined,
      consume: async (id) => {
        const stored = this.#data[key(id)];
        if (stored) stored.consumedAt = Date.now();
        await this.#file.save();
      },
      destroy: async (id) => {
        delete this.#data[key(id)];
        await this.#file.save();
      },
      revokeByGrantId: (grantId) => this.#remove(({ payload }) => payload.grantId === grantId),
    };
  };

  /** @param {string} accountId */
  sessionsOf(accountId) {
    return this.#all('Session').filter(({ payload }) => payload.accountId === accountId);
  }

  /** @param {string} uid */
  findSession(uid) {
    return this.#all('Session').find(({ payload }) => payload.uid === uid);
  }

  /**
   * @param {Stored} session
   * @param {boolean} withGrants Whether to revoke the refresh tokens of this session too.
   */
  async revokeSession(session, withGrants) {
    const grants = Object.values(session.payload.authorizations ?? {}).map(
      ({ grantId }) => grantId,
    );
    await this.#remove(
      (stored) => stored === session || (withGrants && grants.includes(grantIdOf(stored))),
    );
  }

  /**
   * Revokes a person's sessions, refresh tokens and opaque access tokens.
   *
   * @param {string} accountId
   */
  async revokeAccount(accountId) {
    await this.#remove(({ payload }) => payload.accountId === accountId);
  }

  get #data() {
    return this.#file.data;
  }

  /** @param {string} model */
  #all(model) {
    return Object.entries(this.#data)
      .filter(([key, stored]) => key.startsWith(`${model}:`) && !isExpired(stored))
      .map(([, stored]) => stored);
  }

  /** @param {(stored: Stored) => boolean} matches */
  async #remove(matches) {
    for (const [key, stored] of Object.entries(this.#data)) {
      if (matches(stored)) delete this.#data[key];
    }
    await this.#file.save();
  }
}

/** @param {Stored | undefined} stored @param {string} model */
function payloadOf(stored, model) {
  if (!stored || isExpired(stored)) return undefined;
  const { payload, consumedAt } = stored;
  const consumed =
    consumedAt !== undefined &&
    (model !== 'RefreshToken' || Date.now() - consumedAt > refreshTokenReuseInterval);
  return { ...structuredClone(payload), ...(consumed && { consumed }) };
}

/** @param {Stored} stored */
function isExpired({ expiresAt = Infinity }) {
  return expiresAt <= Date.now();
}

/** @param {Stored} stored */
function grantIdOf({ payload }) {
  return payload.kind === 'Grant' ? payload.jti : payload.grantId;
}
