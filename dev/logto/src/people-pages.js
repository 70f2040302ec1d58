import { escapeHtml, field, render } from './page.js';
import { rolesInWords } from './roles-in-words.js';

/** @type {Record<string, string>} What was done, by the name of the action. */
const outcomes = {
  saved: 'Saved.',
  roles: 'Roles saved. What was given counts when they sign in the next time.',
  suspend: 'Suspended. Their sessions have ended.',
  unsuspend: 'No longer suspended.',
  'sign-out': 'Signed out everywhere.',
  delete: 'Deleted.',
};

/**
 * What a person may do, and what they can be given.
 *
 * @typedef {object} Roles
 * @property {{ id: string, name: string, description: string, isDefault: boolean,
 *   isHeld: boolean }[]} own
 * @property {string[]} permissions Those of the person's own tokens.
 * @property {{ id: string, name: string, permissions?: string[],
 *   options: { value: string, label: string, isHeld: boolean }[] }[]} organizations
 */

/**
 * @param {import('koa').Context} ctx
 * @param {object} list
 * @param {import('./accounts.js').Account[]} list.accounts
 * @param {import('./seed.js').Seed['organizations']} list.organizations
 * @param {number} list.page
 * @param {number} list.pages
 * @param {number} list.total
 * @param {string} list.done
 */
export function renderPeople(ctx, { accounts, organizations, page, pages, total, done }) {
  const rows = accounts.map(
    ({ user, ...held }) => `
    <tr>
      <td><a href="/people/${escapeHtml(user.id)}">${escapeHtml(nameOf(user))}</a></td>
      <td>${escapeHtml(user.primaryEmail ?? '')}</td>
      <td>${escapeHtml(rolesInWords(held, organizations))}</td>
      <td>${user.isSuspended ? 'Suspended' : 'Active'}</td>
    </tr>`,
  );
  const link = (/** @type {number} */ number, /** @type {string} */ text) =>
    `<a href="/people?page=${number}">${text}</a>`;
  render(ctx, {
    title: 'People',
    isWide: true,
    body: `
${status(done)}
<p>${total} ${total === 1 ? 'person' : 'people'}, the newest first. Choose one to edit, to give and
take roles, to suspend or to delete. The backend hears of it by webhook, except for roles: those are
in the tokens.</p>
<table>
  <thead><tr><th scope="col">Person</th><th scope="col">Email</th><th scope="col">Roles</th><th scope="col">State</th></tr></thead>
  <tbody>${rows.join('')}</tbody>
</table>
${
  pages > 1
    ? `<nav aria-label="Pages"><p>${page > 1 ? link(page - 1, 'Newer') : ''} Page ${page} of ${pages} ${page < pages ? link(page + 1, 'Older') : ''}</p></nav>`
    : ''
}`,
  });
}

/**
 * @param {import('koa').Context} ctx
 * @param {object} person
 * @param {import('./accounts.js').User} person.user
 * @param {Record<'name' | 'username' | 'primaryEmail', string>} person.values What the form shows.
 * @param {Partial<Record<'name' | 'username' | 'primaryEmail', string>>} person.errors By field.
 * @param {Roles} person.roles
 * @param {string} [person.done]
 */
export function renderPerson(ctx, { user, values, errors, roles, done = '' }) {
  const [mistaken] = Object.keys(errors);
  /** @param {{ name: 'name' | 'username' | 'primaryEmail', label: string, type?: string }} input */
  const input = ({ name, ...rest }) =>
    field({
      name,
      ...rest,
      autocomplete: 'off',
      value: values[name],
      error: errors[name],
      isFocused: name === mistaken,
    });
  const path = `/people/${escapeHtml(user.id)}`;
  render(ctx, {
    title: nameOf(user),
    isError: mistaken !== undefined,
    body: `
${status(done)}
<p><a href="/people">All people</a></p>
<p>${user.isSuspended ? 'Suspended' : 'Active'}. Id <code>${escapeHtml(user.id)}</code></p>
<section>
  <h2>Edit</h2>
  <form method="post" action="${path}" novalidate>
    ${input({ name: 'name', label: 'Name' })}
    ${input({ name: 'username', label: 'Username' })}
    ${input({ name: 'primaryEmail', label: 'Email', type: 'email' })}
    <button type="submit">Save</button>
  </form>
</section>
${rolesSection(path, roles)}
<section>
  <h2>${user.isSuspended ? 'Let in again' : 'Keep out'}</h2>
  ${
    user.isSuspended
      ? action(path, 'unsuspend', 'Unsuspend', 'They can sign in again.')
      : action(path, 'suspend', 'Suspend', 'Ends their sessions and lets them in no more.')
  }
  ${action(path, 'sign-out', 'Sign out everywhere', 'Ends their sessions. They may sign in again.')}
</section>
<section>
  <h2>Delete</h2>
  ${action(path, 'delete', 'Delete for good', 'There is no way back.')}
</section>`,
  });
}

/** @param {import('koa').Context} ctx */
export function renderNoPerson(ctx) {
  ctx.status = 404;
  render(ctx, {
    title: 'No such person',
    body: '<p>They may have been deleted. <a href="/people">All people</a></p>',
  });
}

/** @param {import('koa').Context} ctx */
export function renderForeignForm(ctx) {
  ctx.status = 403;
  render(ctx, {
    title: 'Not from here',
    body: '<p>This form came from another site. <a href="/people">Open the page itself</a></p>',
  });
}

/**
 * @param {string} path
 * @param {Roles} roles
 */
function rolesSection(path, { own, permissions, organizations }) {
  const choices = own.map(
    ({ id, name, description, isDefault, isHeld }) => `
      <label class="choice">
        <input type="checkbox" name="role" value="${escapeHtml(id)}"${isHeld ? ' checked' : ''}>
        <span>${escapeHtml(name)}
          <span class="hint">${escapeHtml(description)}${isDefault ? ' New people get it.' : ''}</span>
        </span>
      </label>`,
  );
  const selects = organizations.map(({ id, name, options }) => {
    const field = escapeHtml(`organization-${id}`);
    const choices = options.map(
      ({ value, label, isHeld }) =>
        `<option value="${escapeHtml(value)}"${isHeld ? ' selected' : ''}>${escapeHtml(label)}</option>`,
    );
    return `
    <div class="field">
      <label for="${field}">In ${escapeHtml(name)}</label>
      <select id="${field}" name="${field}">${choices.join('')}</select>
    </div>`;
  });
  const rows = [{ name: 'Their own', permissions }, ...organizations].map(
    ({ name, permissions }) =>
      permissions &&
      `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(permissions.join(', ') || 'none')}</td></tr>`,
  );
  return `
<section>
  <h2>Roles</h2>
  <form method="post" action="${path}/roles">
    <fieldset>
      <legend>Their own</legend>${choices.join('')}
    </fieldset>
    ${selects.join('')}
    <p class="hint" id="roles-hint">What you give counts when they sign in the next time. What you
      take away is missing from their next access token, within an hour.</p>
    <button type="submit" aria-describedby="roles-hint">Save roles</button>
  </form>
  <table>
    <thead><tr><th scope="col">Token</th><th scope="col">Permissions</th></tr></thead>
    <tbody>${rows.filter(Boolean).join('')}</tbody>
  </table>
  <p class="hint">As in Logto, their own roles count in every organization, and their own token has
    the permissions of all their organizations.</p>
</section>`;
}

/**
 * @param {string} path
 * @param {string} name
 * @param {string} label
 * @param {string} consequence
 */
function action(path, name, label, consequence) {
  return `
  <form method="post" action="${path}/${name}">
    <p class="hint" id="${name}-hint">${consequence}</p>
    <button type="submit" class="secondary" aria-describedby="${name}-hint">${label}</button>
  </form>`;
}

/** @param {string} done */
function status(done) {
  const outcome = Object.hasOwn(outcomes, done) ? outcomes[done] : '';
  return `<div role="status">${outcome ? `<p class="done">${outcome}</p>` : ''}</div>`;
}

/** @param {import('./accounts.js').User} user */
function nameOf({ name, username, primaryEmail, id }) {
  return name ?? username ?? primaryEmail ?? id;
}
