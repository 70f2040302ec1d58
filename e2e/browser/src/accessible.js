import assert from 'node:assert/strict';
import axe from 'axe-core';

/** @typedef {import('playwright-core').Page} Page */

/**
 * Asserts that axe finds nothing, in the light and the dark theme, and that nothing is wider than a
 * narrow screen, from left to right and from right to left.
 *
 * @param {Page} page
 * @param {string} state For the message.
 */
export async function assertAccessible(page, state) {
  const viewport = page.viewportSize() ?? { width: 1280, height: 720 };
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  assert.deepEqual(await violations(page), [], `${state}, light`);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  assert.deepEqual(await violations(page, ['color-contrast']), [], `${state}, dark`);

  await page.setViewportSize({ width: 320, height: 640 });
  assert.deepEqual(await overflow(page, 'ltr'), [], `${state}, 320 px wide`);
  assert.deepEqual(await overflow(page, 'rtl'), [], `${state}, 320 px wide, right to left`);
  await page.evaluate(() => document.documentElement.removeAttribute('dir'));
  await page.setViewportSize(viewport);
}

/**
 * @param {Page} page
 * @param {string[]} [rules] All, if not given.
 */
async function violations(page, rules) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  return page.evaluate(async (only) => {
    const { run } = /** @type {typeof axe} */ (Reflect.get(window, 'axe'));
    const options = only ? { runOnly: only } : {};
    const results = await run({ ...options, resultTypes: ['violations'] });
    return results.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(' ')}`,
    );
  }, rules);
}

/**
 * The elements that are wider than the screen.
 *
 * @param {Page} page
 * @param {'ltr' | 'rtl'} direction
 */
function overflow(page, direction) {
  return page.evaluate((dir) => {
    document.documentElement.dir = dir;
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.body.querySelectorAll('*')]
      .filter((element) => {
        const { left, right } = element.getBoundingClientRect();
        return left < -1 || right > clientWidth + 1;
      })
      .map((element) => element.outerHTML.slice(0, 120))
      .slice(0, 3);
  }, direction);
}
