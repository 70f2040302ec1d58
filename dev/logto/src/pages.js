import { createHash } from 'node:crypto';
import { escapeHtml, field, render } from './page.js';
import { rolesInWords } from './roles-in-words.js';

const submitOnLoad = 'document.forms[0].submit()';
const submitOnLoadHash = createHash('sha256').update(submitOnLoad).digest('base64');

/**
 * @typedef {object} Form
 * @property {'sign-in' | 'register'} page
 * @property {string} interaction The interaction's uid.
 * @property {string} clientId
 * @property {string} redirectOrigin Where the browser goes once the form is accepted.
 * @property {import('./seed.js').Person[]} people The demo people.
 * @property {import('./seed.js').Seed['organizations']} organizations
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
        formField(form, { name: 'username', label: 'Username', autocomplete: 'username' }),
        formField(form, {
          name: 'email',
          label: 'Email (optional)',
          type: 'email',
          autocomplete: 'email',
        }),
        formField(form, {
          name: 'password',
          label: 'Password',
          type: 'password',
          autocomplete: 'new-password',
          hint: 'At least 8 characters.',
        }),
      ]
    : [
        formField(form, {
          name: 'identifier',
          label: 'Username or email',
          autocomplete: 'username',
        }),
        formField(form, {
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
${registers ? '' : demoPeople(form)}`,
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
 * @param {Pick<Parameters<typeof field>[0], 'name' | 'label' | 'type' | 'autocomplete' | 'hint'>} input
 */
function formField(form, input) {
  const { name, type } = input;
  return field({
    ...input,
    value: type === 'password' ? '' : form.values[name],
    error: form.errors[name],
    isFocused: name === focusedField(form),
  });
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

/** @param {Form} form */
function demoPeople({ people, organizations }) {
  const rows = people.map(
    ({ username, password, ...held }) => `
    <tr><td>${escapeHtml(username)}</td><td><code>${escapeHtml(password ?? 'none')}</code></td><td>${escapeHtml(rolesInWords(held, organizations))}</td></tr>`,
  );
  return `
<section>
  <h2>Demo people</h2>
  <table>
    <thead><tr><th scope="col">Person</th><th scope="col">Password</th><th scope="col">Roles</th></tr></thead>
    <tbody>${rows.join('')}</tbody>
  </table>
</section>`;
}
