import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addPerson,
  endSessions,
  remove,
  setSuspended,
  untilAnswered,
  withAccessTokensOf,
} from '../src/administration.js';
import { appName } from '../src/app-name.js';
import { api, app, provider } from '../src/launch.js';
import { identify, signIn } from '../src/person.js';
import {
  callFromThere,
  factsOf,
  openCall,
  openUnderTheHood,
  rowOf,
} from '../src/under-the-hood.js';
import { accessTokenExpires } from '../src/tokens.js';
import { answered, visit } from '../src/visit.js';

const token = `${provider}/oidc/token`;
const refusedGrant = [answered(400, token)];

test('an access token that expires is replaced without a word', async (t) => {
  const { page, requestsTo } = await visit(t);
  await withAccessTokensOf(3, async () => {
    await signIn(page, 'alice');
    await page.goto(`${app}/under-the-hood/tokens`);
    const { jti } = await factsOf(page, 'Access token');
    const card = page.getByRole('region', { name: 'Access token' });
    await card.getByText(jti?.slice(0, 21) ?? '').waitFor({ state: 'detached' });
  });
  assert.ok(requestsTo(token).length >= 3);
  await openCall(page);
  await page.getByText('Hello, alice0000001!').waitFor();
});

test('a session revoked at the provider leads once to a page that says so', async (t) => {
  const { page, requestsTo } = await visit(t, { complaints: refusedGrant });
  const person = await addPerson();
  await withAccessTokensOf(1, async () => {
    await signIn(page, person.username);
    await rowOf(page);
    // This page needs no token, so the session doesn't end there.
    await openUnderTheHood(page);
    await endSessions(person);
    await accessTokenExpires(page);
  });
  await callFromThere(page);
  await page.getByRole('heading', { name: 'You were signed out' }).waitFor();
  await page.getByRole('link', { name: appName }).click();
  await page.getByText('You were signed out.').waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'You were signed out' }).waitFor();
  assert.equal(requestsTo(`${provider}/oidc/auth`).length, 1);

  await page.getByRole('button', { name: 'Sign in again' }).click();
  await identify(page, person.username);
  await page.getByText('Hello, ').waitFor();
  assert.equal(page.url(), `${app}/under-the-hood/call`);
});

test('a suspended person sees that they are, and goes on when it is lifted', async (t) => {
  const { page, authorization } = await visit(t, {
    complaints: ['/api/hello', '/users/me'].map((path) => answered(403, `${api}${path}`)),
  });
  const person = await addPerson();
  await signIn(page, person.username);
  await rowOf(page);

  await setSuspended(person, true);
  await untilAnswered(403, authorization());
  await callFromThere(page);
  await page.getByRole('heading', { name: 'Your account is suspended' }).waitFor();
  await page.getByRole('link', { name: 'Tokens', exact: true }).click();
  await page.getByRole('heading', { name: 'Your account is suspended' }).waitFor();
  assert.equal(await page.getByText(person.id).count(), 0);

  await setSuspended(person, false);
  await untilAnswered(200, authorization());
  await page.getByRole('button', { name: 'Try again' }).click();
  assert.equal((await factsOf(page, 'Row in the database')).logto_id, person.id);
});

test('a person who was deleted is signed out', async (t) => {
  const { page, authorization } = await visit(t, {
    complaints: [answered(401, `${api}/api/hello`)],
  });
  const person = await addPerson();
  await signIn(page, person.username);
  await rowOf(page);
  await remove(person);
  await untilAnswered(401, authorization());
  await openCall(page);
  await page.getByRole('heading', { name: 'You were signed out' }).waitFor();
});

test('a suspended person whose access token has expired is signed out, and can’t sign in', async (t) => {
  const { page } = await visit(t, {
    complaints: [...refusedGrant, answered(422, `${provider}/sign-in`)],
  });
  const person = await addPerson();
  await withAccessTokensOf(1, async () => {
    await signIn(page, person.username);
    await rowOf(page);
    await openUnderTheHood(page);
    await setSuspended(person, true);
    await accessTokenExpires(page);
  });
  await callFromThere(page);
  await page.getByRole('heading', { name: 'You were signed out' }).waitFor();
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await identify(page, person.username);
  await page.getByText('This account is suspended.').waitFor();
});
