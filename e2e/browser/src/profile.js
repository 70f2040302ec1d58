/**
 * Goes to the profile page, and reads the person's row there.
 *
 * @param {import('playwright-core').Page} page
 */
export async function rowOf(page) {
  await page.getByRole('link', { name: 'Profile' }).click();
  return factsOf(page, 'Row in the database');
}

/**
 * The names and values in a section of the profile page, in the page's words.
 *
 * @param {import('playwright-core').Page} page
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
