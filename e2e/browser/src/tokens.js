/** @typedef {import('playwright-core').Page} Page */

/**
 * Drops the access tokens, so that the next page needs new ones.
 *
 * @param {Page} page
 * @returns {Promise<[string, string][]>} The entries of the storage that it dropped.
 */
export function forgetTokens(page) {
  return page.evaluate(() => {
    const dropped = Object.entries(localStorage).filter(([key]) => key.endsWith(':accessToken'));
    for (const [key] of dropped) localStorage.removeItem(key);
    return dropped;
  });
}

/**
 * Waits until the API's access tokens have expired for the SDK, which counts in whole seconds.
 *
 * @param {Page} page
 */
export async function accessTokenExpires(page) {
  await page.waitForFunction(() => {
    const key = Object.keys(localStorage).find((name) => name.endsWith(':accessToken'));
    const tokens = Object.entries(JSON.parse(localStorage.getItem(key ?? '') ?? '{}'));
    return tokens.every(([name, { expiresAt }]) => name === '@' || expiresAt <= Date.now() / 1000);
  });
}
