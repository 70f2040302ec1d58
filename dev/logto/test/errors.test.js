import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchMachineToken } from '../src/token.js';
import { api, authorizationRequest, globex, startProvider } from '../testing/provider.js';
import { sample } from '../testing/shape.js';

const spaOrigin = 'http://localhost:5173';
const evilOrigin = 'http://evil.localhost:9';

/** Headers of the recordings that are the provider's own and not its server's. */
const comparedHeaders = [
  'content-type',
  'location',
  'cache-control',
  'access-control-allow-origin',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-expose-headers',
];

/**
 * Asserts that an answer is the recorded one: status, headers and body.
 *
 * @param {Response} response
 * @param {string} name In error-shapes.json.
 * @param {string} issuer
 */
async function assertAsRecorded(response, name, issuer) {
  const recordings = JSON.stringify(await sample('error-shapes'))
    .replaceAll('http://localhost:3001/oidc', issuer)
    .replaceAll(encodeURIComponent('http://localhost:3001/oidc'), encodeURIComponent(issuer))
    .replaceAll('1zsrd4n5846e9fu0utplo', 'spa1localencore2logto');
  const { status, headers = {}, body } = JSON.parse(recordings)[name];
  assert.equal(response.status, status);
  for (const header of comparedHeaders) {
    if (header in headers) assert.equal(response.headers.get(header), headers[header], header);
  }
  if (!('access-control-allow-origin' in headers)) {
    assert.equal(response.headers.get('access-control-allow-origin'), null);
  }
  const text = await response.text();
  assert.deepEqual(typeof body === 'object' ? JSON.parse(text) : text, body);
}

/** @type {Record<string, Record<string, string>>} */
const authorizationErrors = {
  'auth: unregistered redirect_uri': { redirect_uri: 'http://localhost:9/elsewhere' },
  'auth: unknown client': { client_id: 'nope' },
  'auth: no PKCE': { code_challenge: '', code_challenge_method: '' },
  'auth: unknown resource': { resource: 'https://unknown.example.com' },
  'auth: prompt=none without session': { prompt: 'none' },
  'auth: ok redirect': {},
};

for (const [name, parameters] of Object.entries(authorizationErrors)) {
  test(`${name} is answered as recorded`, async (t) => {
    const { issuer } = await startProvider(t);
    const response = await fetch(authorizationRequest(issuer, parameters), {
      redirect: 'manual',
      headers: { Accept: 'application/json' },
    });
    await assertAsRecorded(response, name, issuer);
  });
}

test('plain PKCE is refused', async (t) => {
  const { issuer } = await startProvider(t);
  const request = authorizationRequest(issuer, { code_challenge_method: 'plain' });
  const response = await fetch(request, { redirect: 'manual' });
  const location = new URL(response.headers.get('location') ?? '');
  assert.equal(location.searchParams.get('error'), 'invalid_request');
});

for (const [name, origin] of [
  ['CORS preflight token from 5173', spaOrigin],
  ['CORS preflight token from evil', evilOrigin],
]) {
  test(`${name} is answered as recorded`, async (t) => {
    const { issuer } = await startProvider(t);
    const response = await fetch(`${issuer}/token`, {
      method: 'OPTIONS',
      headers: {
        Origin: String(origin),
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type',
      },
    });
    await assertAsRecorded(response, String(name), issuer);
  });
}

for (const [name, origin] of [
  ['CORS token POST from 5173', spaOrigin],
  ['CORS token POST from evil', evilOrigin],
]) {
  test(`${name} is answered as recorded`, async (t) => {
    const { issuer } = await startProvider(t);
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { Origin: String(origin) },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: 'spa1localencore2logto',
        redirect_uri: 'http://localhost:5173/callback',
        code: 'unknown',
        code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      }),
    });
    await assertAsRecorded(response, String(name), issuer);
  });
}

test('discovery and key set can be read from any origin', async (t) => {
  const { issuer } = await startProvider(t);
  for (const path of ['/.well-known/openid-configuration', '/jwks']) {
    const response = await fetch(issuer + path, { headers: { Origin: spaOrigin } });
    assert.equal(response.headers.get('access-control-allow-origin'), spaOrigin);
  }
});

test('a sign-out to an unregistered address is refused as recorded', async (t) => {
  const { issuer } = await startProvider(t);
  const query = new URLSearchParams({
    client_id: 'spa1localencore2logto',
    post_logout_redirect_uri: 'http://localhost:9/elsewhere',
  });
  const response = await fetch(`${issuer}/session/end?${query}`);
  await assertAsRecorded(response, 'end_session bad redirect', issuer);
});

test('a machine must name a resource', async (t) => {
  const { issuer } = await startProvider(t);
  await assert.rejects(fetchMachineToken(issuer, ''), /invalid_target/);
});

test('a machine gets no token of an organization it is not in', async (t) => {
  const { issuer } = await startProvider(t);
  for (const organization of [globex, 'unknown']) {
    await assert.rejects(
      fetchMachineToken(issuer, api, organization),
      /access_denied: app has not/,
    );
  }
});

test('an unknown path below /oidc is an OIDC error', async (t) => {
  const { issuer } = await startProvider(t);
  const response = await fetch(`${issuer}/nothing-here`);
  assert.equal(response.status, 404);
  assert.equal(/** @type {any} */ (await response.json()).code, 'oidc.invalid_request');
});

test('a foreign host name is refused', async (t) => {
  const { port } = await startProvider(t);
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', headers: { Host: `rebound.example.com:${port}` } })
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  assert.equal(status, 421);
});
