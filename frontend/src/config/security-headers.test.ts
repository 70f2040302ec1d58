import { expect, test } from 'vitest';
import { testEnv } from '../testing/env';
import { securityHeaders } from './security-headers';

const policyFor = (env: Partial<typeof testEnv>) =>
  securityHeaders({ ...testEnv, ...env })['Content-Security-Policy'];

test('the policy lets the page call Logto and the API, and nobody else', () => {
  expect(policyFor({ apiUrl: 'https://api.example/v1' })).toContain(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
      "connect-src 'self' https://id.example https://api.example; ",
  );
});

test('the policy allows pictures of one other origin, if that is set', () => {
  expect(policyFor({ avatarOrigin: 'https://avatars.example' })).toContain(
    "img-src 'self' https://avatars.example; ",
  );
});

test('an origin stands in the policy once', () => {
  expect(
    policyFor({ logtoEndpoint: 'https://one.example', apiUrl: 'https://one.example' }),
  ).toContain("connect-src 'self' https://one.example;");
});

test('the policy allows nothing inline, and no eval', () => {
  expect(policyFor({})).not.toContain('unsafe');
});
