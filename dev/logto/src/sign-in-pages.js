/** @import { Context } from 'koa' */
import { createHash } from 'node:crypto';
import { field, markup, render, trusted } from './page.js';

const submitOnLoad = 'document.forms[0].submit()';
const submitOnLoadHash = createHash('sha256').update(submitOnLoad).digest('base64');

/** @type {Record<'sign-in' | 'register', Parameters<typeof field>[0][]>} */
const inputs = {
  'sign-in': [
    { name: 'identifier', label: 'Username or email', autocomplete: 'username' },
    { name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' },
  ],
  register: [
    { name: 'username', label: 'Username', autocomplete: 'username' },
    { name: 'email', label: 'Email (optional)', type: 'email', autocomplete: 'email' },
    {
      name: 'password',
      label: 'Password',
      type: 'password',
      autocomplete: 'new-password',
      hint: 'At least 8 characters.',
    },
  ],
};

/**
 * @typedef {object} Form
 * @property {'sign-in' | 'register'} page
 * @property {string} interaction
 * @property {string} clientId
 * @property {string} redirectOrigin Where the browser goes after the form.
 * @property {import('./seed.js').Seed} seed
 * @property {Record<string, string>} values What was typed, by field.
 * @property {Record<string, string>} errors Messages by field. `form` is about the whole form.
 */

/** @param {Context} ctx @param {Form} form */
export function renderForm(ctx, form) {
  const { page, values, errors } = form;
  const registers = page === 'register';
  const query = new URLSearchParams({ app_id: form.clientId });
  const fields = inputs[page].map((input) =>
    field({
      ...input,
      value: input.type === 'password' ? '' : values[input.name],
      error: errors[input.name],
      isFocused: input.name === focusedField(form),
    }),
  );
  render(ctx, {
    title: registers ? 'Create an account' : 'Sign in',
    isError: Object.keys(errors).length > 0,
    formAction: form.redirectOrigin,
    body: markup`
<form method="post" action="/${page}?${query}" novalidate>
  <div role="alert">${errors.form && markup`<p class="error">${errors.form}</p>`}</div>
  <input type="hidden" name="interaction" value="${form.interaction}">
  ${fields}
  <button type="submit">${registers ? 'Create account' : 'Sign in'}</button>
</form>
${
  registers
    ? markup`<p>Have an account? <a href="/sign-in?${query}">Sign in</a></p>`
    : markup`<p>No account yet? <a href="/register?${query}">Create one</a></p>${demoPeople(form.seed)}`
}`,
  });
}

/**
 * For a form that was sent too late, and for pages opened without an application.
 *
 * @param {Context} ctx
 * @param {{ name: string, address: string }} [application]
 */
export function renderExpired(ctx, application) {
  render(ctx, {
    title: 'This sign-in has ended',
    body: markup`
<p>It was completed already, took too long, or another one was started in this browser.
Go back to the application and start again from there.</p>
${application && markup`<p><a href="${application.address}">Go to ${application.name}</a></p>`}`,
  });
}

/**
 * Signs out without a question, because the application asked for it.
 *
 * @param {import('oidc-provider').KoaContextWithOIDC} ctx
 * @param {string} form From oidc-provider.
 */
export function renderSignOut(ctx, form) {
  const destination = ctx.oidc.params?.post_logout_redirect_uri;
  render(ctx, {
    title: 'Signing out',
    formAction: typeof destination === 'string' ? new URL(destination).origin : '',
    scriptHash: submitOnLoadHash,
    body: markup`
${trusted(form)}
<input type="hidden" form="op.logoutForm" name="logout" value="yes">
<noscript><button type="submit" form="op.logoutForm">Sign out</button></noscript>
<script>${submitOnLoad}</script>`,
  });
}

/** @param {Context} ctx */
export function renderSignedOut(ctx) {
  render(ctx, { title: 'You are signed out', body: markup`<p>You can close this page.</p>` });
}

/**
 * The first field to correct or to fill in.
 *
 * @param {Form} form
 */
function focusedField({ page, values, errors }) {
  if (errors.form) return 'password';
  const [first] = Object.keys(errors);
  if (first) return first;
  if (page === 'register') return 'username';
  return values.identifier ? 'password' : 'identifier';
}

/** @param {import('./seed.js').Seed} seed */
function demoPeople({ people, organizations }) {
  const rows = people.map(
    (person) => markup`
    <tr>
      <td>${person.username}</td>
      <td><code>${person.password}</code></td>
      <td>${describeRoles(person, organizations)}</td>
    </tr>`,
  );
  return markup`
<section>
  <h2>Demo people</h2>
  <table>
    <thead><tr><th scope="col">Person</th><th scope="col">Password</th><th scope="col">Roles</th></tr></thead>
    <tbody>${rows}</tbody>
  </table>
</section>`;
}

/**
 * A person's roles on one line, such as "user-admin, org-admin in acme".
 *
 * @param {Pick<import('./accounts.js').Account, 'roles' | 'organizations'>} person
 * @param {import('./seed.js').Seed['organizations']} organizations
 */
export function describeRoles({ roles, organizations: memberships }, organizations) {
  const inOrganizations = memberships.map(({ id, roles }) => {
    const name = organizations.find((organization) => organization.id === id)?.name ?? id;
    return `${roles.join(' and ') || 'member'} in ${name}`;
  });
  return [...roles, ...inOrganizations].join(', ') || 'none';
}
