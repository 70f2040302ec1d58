import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const stylesheet = readFileSync(new URL('style.css', import.meta.url), 'utf8');

const submitOnLoad = 'document.forms[0].submit()';
const submitOnLoadHash = createHash('sha256').update(submitOnLoad).digest('base64');

/**
 * @typedef {object} Form
 * @property {'sign-in' | 'register'} page
 * @property {string} interaction The interaction's uid.
 * @property {string} clientId
 * @property {string} redirectOrigin Where the browser goes once the form is accepted.
 * @property {import('./seed.js').Person[]} people The demo people.
 * @property {Record<string, string>} values What was typed, by field.
 * @property {Record<string, string>} errors Messages by field; `form` is for the form as a whole.
 */

/**
 * @param {import('koa').Context} ctx
 * @param {Form} form
 */
export function renderForm(ctx, form) {
  const registers = form.page === 'register';
  const query = new URLSearchParams({ app_id: form.clientId });
  const fields = registers
    ? [
        field(form, { name: 'username', label: 'Username', autocomplete: 'username' }),
        field(form, {
          name: 'email',
          label: 'Email (optional)',
          type: 'email',
          autocomplete: 'email',
        }),
        field(form, {
          name: 'password',
          label: 'Password',
          type: 'password',
          autocomplete: 'new-password',
          hint: 'At least 8 characters.',
        }),
      ]
    : [
        field(form, {
          name: 'identifier',
          label: 'Username or email',
          autocomplete: 'username',
        }),
        field(form, {
          name: 'password',
          label: 'Password',
          type: 'password',
          autocomplete: 'current-password',
        }),
      ];

  render(ctx, {
    title: registers ? 'Create an account' : 'Sign in',
    isError: Object.keys(form.errors).length > 0,
    formAction: form.redirectOrigin,
    body: `
<form method="post" action="/${form.page}?${escapeHtml(query)}" novalidate>
  <div role="alert">${form.errors.form ? `<p class="error">${escapeHtml(form.errors.form)}</p>` : ''}</div>
  <input type="hidden" name="interaction" value="${escapeHtml(form.interaction)}">
  ${fields.join('')}
  <button type="submit">${registers ? 'Create account' : 'Sign in'}</button>
</form>
<p>${
      registers
        ? `Have an account? <a href="/sign-in?${escapeHtml(query)}">Sign in</a>`
        : `No account yet? <a href="/register?${escapeHtml(query)}">Create one</a>`
    }</p>
${registers ? '' : demoPeople(form.people)}`,
  });
}

/**
 * The answer to a form that came too late, or to a page opened without an application.
 *
 * @param {import('koa').Context} ctx
 * @param {{ name: string, address: string }} [application]
 */
export function renderExpired(ctx, application) {
  render(ctx, {
    title: 'This sign-in has ended',
    body: `
<p>It was completed already, took too long, or another one was started in this browser.
Go back to the application and start again from there.</p>
${application ? `<p><a href="${escapeHtml(application.address)}">Go to ${escapeHtml(application.name)}</a></p>` : ''}`,
  });
}

/**
 * Signs out at once: the application asked for it, and the form's token proves the page is ours.
 *
 * @param {import('oidc-provider').KoaContextWithOIDC} ctx
 * @param {string} form oidc-provider's form, with its token.
 */
export function renderSignOut(ctx, form) {
  const destination = ctx.oidc.params?.post_logout_redirect_uri;
  render(ctx, {
    title: 'Signing out',
    formAction: typeof destination === 'string' ? new URL(destination).origin : '',
    scriptHash: submitOnLoadHash,
    body: `
${form}
<input type="hidden" form="op.logoutForm" name="logout" value="yes">
<noscript><button type="submit" form="op.logoutForm">Sign out</button></noscript>
<script>${submitOnLoad}</script>`,
  });
}

/** @param {import('koa').Context} ctx */
export function renderSignedOut(ctx) {
  render(ctx, { title: 'You are signed out', body: '<p>You can close this page.</p>' });
}

/**
 * @param {Form} form
 * @param {{ name: string, label: string, type?: string, autocomplete: string, hint?: string }} input
 */
function field(form, { name, label, type = 'text', autocomplete, hint }) {
  const { values, errors } = form;
  const error = errors[name];
  const note = error ? `${name}-error` : hint && `${name}-hint`;
  return `
  <div class="field">
    <label for="${name}">${label}</label>
    <input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}"
      autocapitalize="none" spellcheck="false" value="${type === 'password' ? '' : escapeHtml(values[name] ?? '')}"${
        error ? ' aria-invalid="true"' : ''
      }${note ? ` aria-describedby="${note}"` : ''}${name === focusedField(form) ? ' autofocus' : ''}>
    ${hint && !error ? `<p class="hint" id="${name}-hint">${hint}</p>` : ''}
    ${error ? `<p class="error" id="${name}-error" role="alert">${escapeHtml(error)}</p>` : ''}
  </div>`;
}

/**
 * The first thing to mend, or to fill in.
 *
 * @param {Form} form
 */
function focusedField({ page, values, errors }) {
  if (errors.form) return 'password';
  const [mistaken] = Object.keys(errors);
  if (mistaken) return mistaken;
  if (page === 'register') return 'username';
  return values.identifier ? 'password' : 'identifier';
}

/** @param {import('./seed.js').Person[]} people */
function demoPeople(people) {
  const rows = people.map(
    ({ username, password, roles }) => `
    <tr><td>${escapeHtml(username)}</td><td><code>${escapeHtml(password)}</code></td><td>${escapeHtml(roles.join(', ') || 'none')}</td></tr>`,
  );
  return `
<section>
  <h2>Demo people</h2>
  <table>
    <thead><tr><th scope="col">Person</th><th scope="col">Password</th><th scope="col">Role</th></tr></thead>
    <tbody>${rows.join('')}</tbody>
  </table>
</section>`;
}

/**
 * @param {import('koa').Context} ctx
 * @param {{ title: string, body: string, isError?: boolean, formAction?: string,
 *   scriptHash?: string }} page `formAction` is the origin a form of this page leads to in the end: Chromium holds the
 *   redirects after a form to `form-action` as well.
 */
function render(ctx, { title, body, isError, formAction = '', scriptHash }) {
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
  <main>
    <h1>${escapeHtml(title)}</h1>
    ${body}
  </main>
  <footer>Local identity provider for development. Don't enter a password you use elsewhere.</footer>
</body>
</html>
`;
}

/** @param {unknown} text */
function escapeHtml(text) {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
