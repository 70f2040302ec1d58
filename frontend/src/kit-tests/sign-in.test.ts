import { expect, test } from 'vitest';
import { forgetReturnTo, readReturnTo, rememberReturnTo } from '../kit/sign-in';

test.each(['/', '/protected', '/protected?page=2#end', '/protected?next=//evil.example'])(
  'returns to %s',
  (path) => {
    rememberReturnTo(path);
    expect(readReturnTo()).toBe(path);
  },
);

test.each([
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/.//evil.example',
  'javascript:alert(1)',
  'protected',
  '',
  '/callback?code=1',
])('never returns to %j', (path) => {
  rememberReturnTo(path);
  expect(readReturnTo()).toBeUndefined();
});

test('forgets', () => {
  rememberReturnTo('/protected');
  forgetReturnTo();
  expect(readReturnTo()).toBeUndefined();
});
