import { describe, expect, test } from 'vitest';
import { aJwt } from '../../testing/jwt';
import { decodeJwt, scopesOf } from './jwt';

describe('decodeJwt', () => {
  test('reads header and claims, whatever letters are in them', () => {
    const utf8 = 'eyJuYW1lIjoiQWxpY2Ug8J-RqSJ9'; // {"name":"Alice 👩"}
    expect(decodeJwt(`${aJwt({}).split('.')[0] ?? ''}.${utf8}.x`)).toEqual({
      header: { alg: 'ES384', typ: 'at+jwt', kid: 'k' },
      payload: { name: 'Alice 👩' },
    });
  });

  test.each(['', 'opaque', 'a.b.c', 'e30.W10.x'])('refuses %j', (token) => {
    expect(() => decodeJwt(token)).toThrow();
  });
});

test.each([
  [{ scope: 'read:users write:users' }, ['read:users', 'write:users']],
  [{ scope: '' }, []],
  [{}, []],
])('scopesOf %j', (payload, scopes) => {
  expect(scopesOf({ header: {}, payload })).toEqual(scopes);
});
