import assert from 'node:assert/strict';

/** @typedef {import('playwright-core').Page} Page */

/**
 * Presses Tab until the focus is at the control with the name. Fails if it gets nowhere, or if the
 * focus can't be seen on the way.
 *
 * @param {Page} page
 * @param {string | RegExp} name
 */
export async function tabTo(page, name) {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return undefined;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : [];
      return {
        name: element.getAttribute('aria-label') ?? (labels[0] ?? element).textContent?.trim(),
        // The start of a new page has the focus, but there is nothing to press.
        isVisible:
          element.id === 'main' || (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2),
      };
    });
    if (!focused) continue;
    assert.ok(focused.isVisible, `no outline at ${focused.name}`);
    if (typeof name === 'string' ? focused.name === name : name.test(focused.name ?? '')) return;
  }
  assert.fail(`the keyboard doesn't reach ${name}`);
}
