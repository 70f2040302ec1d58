import { readdir } from 'node:fs/promises';

/**
 * @typedef {import('./administration.js').PersonOptions} PersonOptions
 * @typedef {import('playwright-core').Page} Page
 *
 * @typedef {object} PageToTest
 * @property {string} path
 * @property {string} heading For `person`.
 * @property {string | RegExp} last A text that is there once everything has loaded.
 *
 * @typedef {object} Picture A picture for the documentation.
 * @property {string} file
 * @property {'light' | 'dark'} colorScheme
 * @property {PersonOptions} person
 * @property {(page: Page) => Promise<void>} prepare
 */

/** What the features bring along: the files beside this one whose name ends in `-pages.js`. */
const files = (await readdir(new URL('.', import.meta.url))).filter((name) =>
  name.endsWith('-pages.js'),
);
/** @type {{ pages: PageToTest[], pictures: Picture[] }[]} */
const features = await Promise.all(files.map((name) => import(`./${name}`)));

/** Every page that needs a session. */
export const pages = [
  { path: '/under-the-hood/call', heading: 'Call the API', last: /^Hello, / },
  { path: '/organizations', heading: 'Organizations', last: 'Acme Inc' },
  { path: '/people', heading: 'People', last: /Last seen/ },
  { path: '/account', heading: 'Account', last: 'This browser' },
  { path: '/under-the-hood/tokens', heading: 'Tokens', last: /^Good for/ },
  ...features.flatMap((feature) => feature.pages),
];

/** Pages for everybody. */
export const openPages = [
  { path: '/under-the-hood', heading: 'Under the hood', last: 'Postgres knows you' },
];

export const pictures = features.flatMap((feature) => feature.pictures);

/** @type {PersonOptions} Somebody who may see every page. */
export const person = {
  roles: ['user-admin'],
  organizations: { orgacme00001: ['org-admin'] },
};
