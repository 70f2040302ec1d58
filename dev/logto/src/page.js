import { readFileSync } from 'node:fs';

export const stylesheet = readFileSync(new URL('style.css', import.meta.url), 'utf8');

/**
 * @param {import('koa').Context} ctx
 * @param {{ title: string, body: string, isError?: boolean, isWide?: boolean,
 *   formAction?: string, scriptHash?: string }} page `formAction` is the origin a form of this page
 *   leads to in the end: Chromium holds the redirects after a form to `form-action` as well.
 */
export function render(ctx, { title, body, isError, isWide, formAction = '', scriptHash }) {
  ctx.set({
    'Content-Security-Policy': [
      "default-src 'none'",
      "style-src 'self'",
      'img-src data:',
      `script-src ${scriptHash ? `'sha256-${scriptHash}'` : "'none'"}`,
      `form-action 'self' ${formAction}`.trim(),
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  });
  ctx.type = 'html';
  ctx.body = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${isError ? 'Error: ' : ''}${escapeHtml(title)}</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/style.css">
</head>
<body>
  <main${isWide ? ' class="wide"' : ''}>
    <h1>${escapeHtml(title)}</h1>
    ${body}
  </main>
  <footer>Local identity provider for development. Don't enter a password you use elsewhere.</footer>
</body>
</html>
`;
}

/**
 * A labelled input with its hint or error.
 *
 * @param {{ name: string, label: string, type?: string, autocomplete: string, hint?: string,
 *   value?: string, error?: string, isFocused?: boolean }} input
 */
export function field({
  name,
  label,
  type = 'text',
  autocomplete,
  hint,
  value = '',
  error,
  isFocused,
}) {
  const note = error ? `${name}-error` : hint && `${name}-hint`;
  return `
  <div class="field">
    <label for="${name}">${label}</label>
    <input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}"
      autocapitalize="none" spellcheck="false" value="${escapeHtml(value)}"${
        error ? ' aria-invalid="true"' : ''
      }${note ? ` aria-describedby="${note}"` : ''}${isFocused ? ' autofocus' : ''}>
    ${hint && !error ? `<p class="hint" id="${name}-hint">${hint}</p>` : ''}
    ${error ? `<p class="error" id="${name}-error" role="alert">${escapeHtml(error)}</p>` : ''}
  </div>`;
}

/** @param {unknown} text */
export function escapeHtml(text) {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
