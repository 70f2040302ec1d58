import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeadlessBrowser } from '../src/headless-sign-in.js';
import { startProvider } from '../testing/provider.js';

test('a sign-out without a session leads to the application too', async (t) => {
  const { issuer } = await startProvider(t);
  const query = new URLSearchParams({
    client_id: 'spa1localencore2logto',
    post_logout_redirect_uri: 'http://localhost:5173/',
  });
  const browser = new HeadlessBrowser();
  const { response } = await browser.navigate(`${issuer}/session/end?${query}`);
  const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(await response.text()) ?? [];
  const { url } = await browser.navigate(`${issuer}/session/end/confirm`, {
    method: 'POST',
    body: new URLSearchParams({ xsrf, logout: 'yes' }),
  });
  assert.equal(url.href, 'http://localhost:5173/');
});

test('a sign-out that names no address ends on a page that says so', async (t) => {
  const { issuer, signIn } = await startProvider(t);
  const browser = new HeadlessBrowser();
  await signIn('alice', { browser });
  const { response } = await browser.navigate(`${issuer}/session/end`);
  const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(await response.text()) ?? [];
  const result = await browser.navigate(`${issuer}/session/end/confirm`, {
    method: 'POST',
    body: new URLSearchParams({ xsrf, logout: 'yes' }),
  });
  assert.match(await result.response.text(), /You are signed out/);
});
