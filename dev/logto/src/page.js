import { readFileSync } from 'node:fs';

const stylesheet = readFileSync(new URL('style.css', import.meta.url), 'utf8');

/** Text that is HTML already. */
class Html {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/**
 * A template of HTML. Its values are escaped, unless they are HTML or lists of HTML. Undefined, null
 * and false are left out.
 *
 * @param {TemplateStringsArray} strings
 * @param {...unknown} values
 */
export function markup(strings, ...values) {
  return new Html(String.raw({ raw: strings }, ...values.map(escape)));
}

/** @param {string} text HTML from a place to trust. */
export const trusted = (text) => new Html(text);

/** @param {unknown} value @returns {string} */
function escape(value) {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(escape).join('');
  if (value === undefined || value === null || value === false) return '';
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Answers with a page.
 *
 * @param {import('koa').Context} ctx
 * @param {{ title: string, body: Html, isError?: boolean, isWide?: boolean, formAction?: string,
 *   scriptHash?: string }} page `formAction` is the origin that a form of the page redirects to.
 *   Browsers apply the policy's `form-action` to it too.
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
  ctx.body = markup`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${isError && 'Error: '}${title}</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/style.css">
</head>
<body>
  <main${isWide && trusted(' class="wide"')}>
    <h1>${title}</h1>
    ${body}
  </main>
  <footer>Local identity provider for development. Don't enter a password you use elsewhere.</footer>
</body>
</html>
`.text;
}

/**
 * An input with its label and its hint or error.
 *
 * @param {{ name: string, label: string, autocomplete: string, type?: string, hint?: string,
 *   value?: unknown, error?: string, isFocused?: boolean }} input
 */
export function field({ name, label, type = 'text', autocomplete, hint, value, error, isFocused }) {
  return markup`
  <div class="field">
    <label for="${name}">${label}</label>
    <input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}"
      autocapitalize="none" spellcheck="false" value="${value}" aria-describedby="${name}-note"
      ${error && trusted('aria-invalid="true"')} ${isFocused && 'autofocus'}>
    <p id="${name}-note">
      ${error ? markup`<span class="error" role="alert">${error}</span>` : hint}
    </p>
  </div>`;
}

/**
 * The page at the provider's own address, and the style of all pages.
 *
 * @type {import('koa').Middleware}
 */
export async function startPage(ctx, next) {
  if (ctx.path === '/style.css') {
    ctx.type = 'css';
    ctx.set('Cache-Control', 'no-cache');
    ctx.body = stylesheet;
  } else if (ctx.path === '/') {
    render(ctx, {
      title: 'Local identity provider',
      body: markup`
<p>It replaces Logto while you develop. Applications send people here to sign in.</p>
<ul>
  <li><a href="/people">People</a>: edit, give roles, suspend, delete</li>
  <li><a href="/oidc/.well-known/openid-configuration">OpenID configuration</a></li>
</ul>`,
    });
  } else await next();
}
