/**
 * Every page that needs a session: its path, its heading for `person`, and what is there when all
 * of it is.
 */
export const pages = [
  { path: '/under-the-hood/call', heading: 'Call the API', last: /^Hello, / },
  { path: '/todos', heading: 'Todos', last: 'Nothing here yet.' },
  { path: '/organizations', heading: 'Organizations', last: 'Acme Inc' },
  { path: '/todos/organizations/orgacme00001', heading: 'Todos of acme', last: 'Add' },
  { path: '/people', heading: 'People', last: /Last seen/ },
  { path: '/account', heading: 'Account', last: 'This browser' },
  { path: '/under-the-hood/tokens', heading: 'Tokens', last: /^Good for/ },
];

/** Pages for everybody. */
export const openPages = [
  { path: '/under-the-hood', heading: 'Under the hood', last: 'Postgres knows you' },
];

/** @type {Parameters<typeof import('./administration.js').addPerson>[0]} Who may see all of them. */
export const person = {
  roles: ['todo-editor', 'user-admin'],
  organizations: { orgacme00001: ['org-admin'] },
};
