/**
 * Holds back the browser's requests for a URL until they are released.
 *
 * @param {import('playwright-core').BrowserContext} context
 * @param {string | RegExp} url
 */
export async function hold(context, url) {
  /** @type {(value?: unknown) => void} */
  let release = () => undefined;
  const released = new Promise((resolve) => (release = resolve));
  await context.route(url, async (route) => {
    await released;
    await route.continue();
  });
  return { release };
}
