// Uses the generated client as a program would: what is optional is left out.
import Client, { APIError } from './client.js';

declare const process: { env: Record<string, string> };
const { BASE_URL = '', ALICE = '', BOB = '' } = process.env;

const sent: string[] = [];

function signedIn(token: string) {
  return new Client(BASE_URL, {
    auth: { Authorization: `Bearer ${token}` },
    fetcher: (input, init) => {
      sent.push(`${String(input)} ${JSON.stringify(init)}`);
      return fetch(input, init);
    },
  });
}

function check(what: string, holds: boolean) {
  if (!holds) throw new Error(`${what}\nsent:\n${sent.join('\n')}`);
}

const anybody = await new Client(BASE_URL).api.Ping();
check('a public endpoint', anybody.message === 'pong');

const alice = signedIn(ALICE);
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
check('the caller', (await alice.users.Me()).id > 0);

try {
  await signedIn(BOB).users.List({});
  check('a refusal', false);
} catch (error) {
  check('a refusal', error instanceof APIError && error.status === 403 && error.details.scope === 'read:users');
}
check('nothing is undefined', !sent.some((request) => request.includes('undefined')));
