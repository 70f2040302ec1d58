/**
 * @import { Context } from 'koa'
 * @import { Account, User } from './accounts.js'
 */
import { field, markup, render } from './page.js';
import { describeRoles } from './sign-in-pages.js';

/** @type {Record<string, string>} */
const outcomes = {
  saved: 'Saved.',
  roles: 'Roles saved. New ones take effect when they sign in again.',
  suspend: 'Suspended. Their sessions have ended.',
  unsuspend: 'No longer suspended.',
  'sign-out': 'Signed out everywhere.',
  delete: 'Deleted.',
};

/**
 * What a person may do, and what else they could have.
 *
 * @typedef {object} Roles
 * @property {{ id: string, name: string, description: string, isDefault: boolean,
 *   isHeld: boolean }[]} own
 * @property {string[]} permissions Of the person's own tokens.
 * @property {{ id: string, name: string, permissions?: string[],
 *   options: { value: string, label: string, isHeld: boolean }[] }[]} organizations
 */

/**
 * @param {Context} ctx
 * @param {{ accounts: Account[], organizations: import('./seed.js').Seed['organizations'],
 *   page: number, pages: number, total: number }} list
 */
export function renderPeople(ctx, { accounts, organizations, page, pages, total }) {
  const rows = accounts.map(
    ({ user, ...held }) => markup`
    <tr>
      <td><a href="/people/${user.id}">${nameOf(user)}</a></td>
      <td>${user.primaryEmail}</td>
      <td>${describeRoles(held, organizations)}</td>
      <td>${user.isSuspended ? 'Suspended' : 'Active'}</td>
    </tr>`,
  );
  render(ctx, {
    title: 'People',
    isWide: true,
    body: markup`
${status(ctx)}
<p>${total} ${total === 1 ? 'person' : 'people'}, the newest first. Choose one to edit, suspend or
delete them, or to change their roles. Webhooks tell the backend, except about roles: those are in
the tokens.</p>
<table>
  <thead><tr><th scope="col">Person</th><th scope="col">Email</th><th scope="col">Roles</th><th scope="col">State</th></tr></thead>
  <tbody>${rows}</tbody>
</table>
<nav aria-label="Pages">
  ${page > 1 && markup`<a href="/people?page=${page - 1}">Newer</a>`}
  Page ${page} of ${pages}
  ${page < pages && markup`<a href="/people?page=${page + 1}">Older</a>`}
</nav>`,
  });
}

/**
 * @param {Context} ctx
 * @param {User} user
 * @param {Roles} roles
 * @param {Record<string, unknown>} [values] What the form shows.
 * @param {Record<string, string>} [errors] By field.
 */
export function renderPerson(ctx, user, roles, values = user, errors = {}) {
  const [first] = Object.keys(errors);
  const inputs = Object.entries({ name: 'Name', username: 'Username', primaryEmail: 'Email' }).map(
    ([name, label]) =>
      field({
        name,
        label,
        autocomplete: 'off',
        value: values[name] ?? '',
        error: errors[name],
        isFocused: name === first,
      }),
  );
  const path = `/people/${user.id}`;
  render(ctx, {
    title: nameOf(user),
    isError: first !== undefined,
    body: markup`
${status(ctx)}
<p><a href="/people">All people</a></p>
<p>${user.isSuspended ? 'Suspended' : 'Active'}. Id <code>${user.id}</code></p>
<section>
  <h2>Edit</h2>
  <form method="post" action="${path}" novalidate>${inputs}<button type="submit">Save</button></form>
</section>
${rolesSection(path, roles)}
<section>
  <h2>Sessions</h2>
  ${
    user.isSuspended
      ? action(path, 'unsuspend', 'Unsuspend', 'They can sign in again.')
      : action(path, 'suspend', 'Suspend', 'Ends their sessions. They can not sign in again.')
  }
  ${action(path, 'sign-out', 'Sign out everywhere', 'Ends their sessions. They can sign in again.')}
</section>
<section>
  <h2>Delete</h2>
  ${action(path, 'delete', 'Delete for good', 'This can not be undone.')}
</section>`,
  });
}

/** @param {Context} ctx @param {number} statusCode @param {string} title @param {string} text */
export function renderProblem(ctx, statusCode, title, text) {
  ctx.status = statusCode;
  render(ctx, { title, body: markup`<p>${text} <a href="/people">All people</a></p>` });
}

/** @param {string} path @param {Roles} roles */
function rolesSection(path, { own, permissions, organizations }) {
  const checkboxes = own.map(
    ({ id, name, description, isDefault, isHeld }) => markup`
      <label>
        <input type="checkbox" name="role" value="${id}" ${isHeld && 'checked'}>
        ${name} <small>${description}${isDefault && ' New people get it.'}</small>
      </label>`,
  );
  const selects = organizations.map(({ id, name, options }) => {
    const choices = options.map(
      ({ value, label, isHeld }) =>
        markup`<option value="${value}" ${isHeld && 'selected'}>${label}</option>`,
    );
    return markup`
    <div class="field">
      <label for="organization-${id}">In ${name}</label>
      <select id="organization-${id}" name="organization-${id}">${choices}</select>
    </div>`;
  });
  const rows = [{ name: 'Their own', permissions }, ...organizations].map(
    ({ name, permissions }) =>
      permissions &&
      markup`<tr><th scope="row">${name}</th><td>${permissions.join(', ') || 'none'}</td></tr>`,
  );
  return markup`
<section>
  <h2>Roles</h2>
  <form method="post" action="${path}/roles">
    <fieldset><legend>Their own</legend>${checkboxes}</fieldset>
    ${selects}
    <p id="roles-note">A role that you give takes effect when they sign in again. One that you take
      away is missing from their next access token, within an hour.</p>
    <button type="submit" aria-describedby="roles-note">Save roles</button>
  </form>
  <table>
    <thead><tr><th scope="col">Token</th><th scope="col">Permissions</th></tr></thead>
    <tbody>${rows}</tbody>
  </table>
  <p>As in Logto, their own roles count in every organization, and their own token has the permissions
    of all their organizations.</p>
</section>`;
}

/** @param {string} path @param {string} name @param {string} label @param {string} consequence */
function action(path, name, label, consequence) {
  return markup`
  <form method="post" action="${path}/${name}">
    <p id="${name}-note">${consequence}</p>
    <button type="submit" class="secondary" aria-describedby="${name}-note">${label}</button>
  </form>`;
}

/**
 * What the last form did.
 *
 * @param {Context} ctx
 */
function status({ query }) {
  const done = String(query.done);
  return markup`<p role="status">${Object.hasOwn(outcomes, done) && outcomes[done]}</p>`;
}

/** @param {User} user */
function nameOf({ name, username, primaryEmail, id }) {
  return name ?? username ?? primaryEmail ?? id;
}
