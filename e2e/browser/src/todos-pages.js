import { addTodo, openTodos, texts } from './todos.js';

export const pages = [
  { path: '/todos', heading: 'Todos', last: 'Nothing here yet.' },
  { path: '/todos/organizations/orgacme00001', heading: 'Todos of acme', last: 'Add' },
];

/** @type {import('./pages.js').Picture[]} */
export const pictures = [
  {
    file: 'todos.png',
    colorScheme: 'dark',
    person: {
      name: 'Alice Example',
      organizations: { orgacme00001: ['org-admin'], orgglobex001: ['org-viewer'] },
    },
    prepare: async (page) => {
      await openTodos(page);
      for (const text of ['Book the train', 'Old idea', 'Water the plants', 'Write to Carol']) {
        await addTodo(page, text);
      }
      await texts(page); // waits until they are saved
      await page.getByRole('checkbox', { name: 'Water the plants' }).check();
      await page.getByRole('button', { name: 'Delete Old idea' }).click();
      await page.getByRole('link', { name: 'globex' }).waitFor();
    },
  },
];
