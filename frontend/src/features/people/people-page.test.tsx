import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { encoreError, json, stubFetch } from '../../testing/answers';
import { fakeLogto } from '../../testing/fake-logto';
import { open } from '../../testing/render';

test('a search in the address is cut to what the API takes', async () => {
  const fetch = stubFetch(() => json(200, { users: [], next_cursor: '' }));
  open(`/people?search=${'x'.repeat(200)}`, fakeLogto({ signedIn: true }));
  expect(await screen.findByText('Nobody found.')).toBeVisible();
  expect(screen.getByRole('searchbox')).toHaveValue('x'.repeat(128));
  const searches = fetch.mock.calls.map(([{ url }]) => new URL(url).searchParams.get('search'));
  expect(new Set(searches)).toEqual(new Set(['x'.repeat(128)]));
});

test('a search that is refused leaves the field where it is', async () => {
  stubFetch(() => encoreError(400, 'invalid_argument', 'the search is odd'));
  open('/people?search=odd', fakeLogto({ signedIn: true }));
  expect(await screen.findByText('the search is odd')).toBeVisible();
  expect(screen.getByRole('searchbox')).toHaveValue('odd');
});
