// Calls the backend with the generated client, without optional parameters.
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

export function check(what: string, holds: boolean) {
  if (!holds) throw new Error(`${what}\nsent:\n${sent.join('\n')}`);
}

export function checkSent() {
  check('nothing is undefined', !sent.some((request) => request.includes('undefined')));
}

const anybody = await new Client(BASE_URL).api.Ping();
check('a public endpoint', anybody.message === 'pong');

export const alice = signedIn(ALICE);
check('the caller', (await alice.users.Me()).id > 0);

try {
  await signedIn(BOB).users.List({});
  check('a refusal', false);
} catch (error) {
  check(
    'a refusal',
    error instanceof APIError && error.status === 403 && error.details.scope === 'read:users',
  );
}
checkSent();
