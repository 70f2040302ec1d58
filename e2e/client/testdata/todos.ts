import { alice, check, checkSent } from './use.js';

const made = await alice.todos.Create({ text: 'use the generated client' });
const once = { text: 'once', IdempotencyKey: crypto.randomUUID() };
const first = await alice.todos.Create(once);
check('an idempotency key', (await alice.todos.Create(once)).id === first.id);

const edited = await alice.todos.Edit(made.id, { version: made.version, done: true });
check('an edit of one field', edited.done && edited.text === made.text);

const all = await alice.todos.List({});
check('a list without parameters', all.todos[0]?.id === first.id);
const page = await alice.todos.List({ Limit: 1 });
check('a page', page.todos.length === 1 && page.next_cursor !== '');
const next = await alice.todos.List({ Limit: 1, Cursor: page.next_cursor });
check('the next page', next.todos[0]?.id === made.id);

for (const { id } of [made, first]) await alice.todos.Delete(id);
checkSent();
