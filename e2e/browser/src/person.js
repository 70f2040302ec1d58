import { app } from './launch.js';

/** @typedef {import('playwright-core').Page} Page */

/** Of alice, bob and carol. */
export const demoPassword = 'encore-logto-demo';

/**
 * Opens the application and signs in with the button.
 *
 * @param {Page} page
 * @param {string} username
 */
export async function signIn(page, username) {
  await page.goto(app);
  await page.getByRole('banner').getByRole('button', { name: 'Sign in' }).click();
  await identify(page, username);
  await signedIn(page);
}

/**
 * Fills in the provider's sign-in page.
 *
 * @param {Page} page
 * @param {string} username
 * @param {string} [password]
 */
export async function identify(page, username, password = demoPassword) {
  await page.getByLabel('Username or email').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/**
 * Opens the application and registers.
 *
 * @param {Page} page
 * @param {string} username
 */
export async function register(page, username) {
  await page.goto(app);
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByRole('heading', { name: 'Create an account' }).waitFor();
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill('a-password-of-their-own');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: `Welcome, ${username}` }).waitFor();
}

/** @param {Page} page */
export async function signOut(page) {
  await openMenu(page);
  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
  await signedOut(page);
}

/** @param {Page} page */
export async function openMenu(page) {
  await menuOf(page).click();
}

/** @param {Page} page */
export async function signedIn(page) {
  await menuOf(page).waitFor();
}

/** @param {Page} page */
export async function signedOut(page) {
  await page.getByRole('banner').getByRole('button', { name: 'Sign in' }).waitFor();
}

/** @param {Page} page */
function menuOf(page) {
  return page.getByRole('banner').getByRole('button', { name: /^Menu/ });
}
