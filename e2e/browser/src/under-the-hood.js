/** @typedef {import('playwright-core').Page} Page */

/**
 * Goes to the page that calls the API.
 *
 * @param {Page} page
 */
export async function openCall(page) {
  await openUnderTheHood(page);
  await callFromThere(page);
}

/** @param {Page} page */
export async function callFromThere(page) {
  await page.getByRole('link', { name: 'Call the API', exact: true }).click();
}

/**
 * Goes to the page with the tokens, and reads the person's row there.
 *
 * @param {Page} page
 */
export async function rowOf(page) {
  await openUnderTheHood(page);
  await page.getByRole('link', { name: 'Tokens', exact: true }).click();
  return factsOf(page, 'Row in the database');
}

/**
 * The names and values in a section of the page with the tokens.
 *
 * @param {Page} page
 * @param {'Access token' | 'ID token' | 'Row in the database' | 'Userinfo'} section
 * @returns {Promise<Record<string, string>>}
 */
export async function factsOf(page, section) {
  const facts = page.getByRole('region', { name: section }).getByRole('term').locator('..');
  await facts.first().waitFor();
  const pairs = await facts.evaluateAll((rows) =>
    rows.map((row) => [...row.children].map(({ textContent }) => textContent ?? '')),
  );
  return Object.fromEntries(pairs);
}

/**
 * The link is in the menu, or at the end of the page for people who aren't signed in.
 *
 * @param {Page} page
 */
export async function openUnderTheHood(page) {
  const menu = page.getByRole('button', { name: /^Menu/ });
  const link = page.getByRole('link', { name: 'Under the hood' });
  await menu.or(link).first().waitFor();
  if (await menu.isVisible()) await menu.click();
  await link.click();
}
