/**
 * Every page that needs a session: its path, its heading for `person`, and what is there when all
 * of it is.
 */
export const pages = [
  { path: '/protected', heading: 'A protected call', last: /^Hello, / },
  { path: '/todos', heading: 'Todos', last: 'Nothing here yet.' },
  { path: '/organizations', heading: 'Organizations', last: 'Acme Inc' },
  { path: '/todos/organizations/orgacme00001', heading: 'Todos of acme', last: 'Add' },
  { path: '/people', heading: 'People', last: /Last seen/ },
  { path: '/profile', heading: 'Your profile', last: /^Good for/ },
];

/** @type {Parameters<typeof import('./administration.js').addPerson>[0]} Who may see all of them. */
export const person = {
  roles: ['todo-editor', 'user-admin'],
  organizations: { orgacme00001: ['org-admin'] },
};
