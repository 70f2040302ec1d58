/** Seconds. */
const day = 24 * 3600;

/** How long tokens and sessions live, in seconds. */
export class Lifetimes {
  #accessToken;
  /** @type {Map<string, number>} By resource indicator. */
  #ofResource = new Map();

  /**
   * @param {object} [seconds] Logto's defaults where left out.
   * @param {number} [seconds.accessToken]
   * @param {number} [seconds.refreshToken] From the sign-in on: a rotation doesn't prolong it.
   * @param {number} [seconds.session]
   */
  constructor({ accessToken = 3600, refreshToken = 14 * day, session = 14 * day } = {}) {
    this.#accessToken = accessToken;
    this.refreshToken = refreshToken;
    this.session = session;
  }

  /** @param {string} [indicator] A resource's; without one the lifetime of opaque tokens. */
  accessToken(indicator = '') {
    return this.#ofResource.get(indicator) ?? this.#accessToken;
  }

  /**
   * @param {string} indicator
   * @param {number} seconds
   */
  setAccessToken(indicator, seconds) {
    this.#ofResource.set(indicator, seconds);
  }
}
