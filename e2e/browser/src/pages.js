/** Every page that needs a session: its path, and the heading it has for `person`. */
export const pages = [
  { path: '/protected', heading: 'A protected call' },
  { path: '/todos', heading: 'Todos' },
  { path: '/organizations', heading: 'Organizations' },
  { path: '/organizations/orgacme00001', heading: 'acme' },
  { path: '/people', heading: 'People' },
  { path: '/profile', heading: 'Your profile' },
];

/** @type {Parameters<typeof import('./administration.js').addPerson>[0]} Who may see all of them. */
export const person = {
  roles: ['todo-editor', 'user-admin'],
  organizations: { orgacme00001: ['org-admin'] },
};
