import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const css = readFileSync('src/app/global.css', 'utf8');

test.each([
  ['light', 1],
  ['dark', 2],
])('borders of fields can be seen in the %s theme (WCAG 2.2, section 1.4.11)', (_theme, place) => {
  for (const background of ['bg', 'surface', 'sunken']) {
    const ratio = contrast(color('line-strong', place), color(background, place));
    expect(ratio, background).toBeGreaterThanOrEqual(3);
  }
});

function color(name: string, place: number): number[] {
  const pair = new RegExp(`--${name}: light-dark\\(#([0-9a-f]{6}), #([0-9a-f]{6})\\);`).exec(css);
  const hex = pair?.[place];
  if (!hex) throw new Error(`There is no --${name}.`);
  return [0, 2, 4].map((start) => parseInt(hex.slice(start, start + 2), 16) / 255);
}

function contrast(one: number[], other: number[]): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Relative luminance, as WCAG defines it. */
function luminance(rgb: number[]): number {
  const [r = 0, g = 0, b = 0] = rgb.map((c) =>
    c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
