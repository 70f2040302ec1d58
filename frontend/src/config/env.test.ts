import { describe, expect, test } from 'vitest';
import { describeProblems, parseEnv } from './env';

const valid = {
  VITE_LOGTO_ENDPOINT: 'https://tenant.logto.app/',
  VITE_LOGTO_APP_ID: ' app ',
  VITE_API_RESOURCE: 'https://api.example/',
  VITE_API_URL: 'https://api.example/v1//',
};

describe('parseEnv', () => {
  test('trims, and cuts trailing slashes except from the resource, which is an identifier', () => {
    expect(parseEnv({ ...valid, VITE_AVATAR_ORIGIN: 'https://avatars.example/' })).toEqual({
      ok: true,
      env: {
        logtoEndpoint: 'https://tenant.logto.app',
        logtoAppId: 'app',
        apiResource: 'https://api.example/',
        apiUrl: 'https://api.example/v1',
        avatarOrigin: 'https://avatars.example',
      },
    });
  });

  test.each([undefined, ''])('goes without avatars when their origin is %o', (origin) => {
    const parsed = parseEnv({ ...valid, VITE_AVATAR_ORIGIN: origin });
    expect(parsed.ok && parsed.env.avatarOrigin).toBe(undefined);
  });

  test('names every missing variable at once', () => {
    expect(parseEnv({ VITE_LOGTO_APP_ID: '  ' })).toEqual({
      ok: false,
      problems: Object.keys(valid).map((variable) => ({ variable, reason: 'is missing' })),
    });
  });

  test.each([
    ['VITE_LOGTO_ENDPOINT', 'tenant.logto.app', /http/],
    ['VITE_LOGTO_ENDPOINT', 'ftp://tenant.logto.app', /http/],
    ['VITE_LOGTO_ENDPOINT', 'https://tenant.logto.app/oidc', /must not end with \/oidc/],
    ['VITE_LOGTO_ENDPOINT', 'https://tenant.logto.app/oidc/', /must not end with \/oidc/],
    ['VITE_API_RESOURCE', 'api', /absolute URI/],
    ['VITE_API_URL', 'localhost:4000', /http/],
    ['VITE_AVATAR_ORIGIN', 'https://avatars.example/people', /without a path/],
    ['VITE_AVATAR_ORIGIN', 'https://*.example https://x.example', /without a path/],
  ])('refuses %s=%s', (variable, value, reason) => {
    expect(parseEnv({ ...valid, [variable]: value })).toEqual({
      ok: false,
      problems: [{ variable, reason: expect.stringMatching(reason) as string }],
    });
  });
});

test('describeProblems says what is wrong and where to set it', () => {
  const text = describeProblems([{ variable: 'VITE_API_URL', reason: 'is missing' }]);
  expect(text).toContain('VITE_API_URL is missing');
  expect(text).toContain('frontend/.env.local');
});
