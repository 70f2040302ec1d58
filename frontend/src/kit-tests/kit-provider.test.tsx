import { useQueryClient } from '@tanstack/react-query';
import { act, renderHook, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { useSession } from '../kit';
import { fakeLogto } from '../testing/fake-logto';
import { withProviders } from '../testing/render';

test('PersonQueryClient forgets all answers when the session ends', async () => {
  const { result } = renderHook(() => ({ client: useQueryClient(), session: useSession() }), {
    wrapper: withProviders(fakeLogto({ signedIn: true })),
  });
  await waitFor(() => {
    expect(result.current.session.session.status).toBe('signed-in');
  });
  const { client } = result.current;
  client.setQueryData(['users', 'me'], 'alice');
  act(() => {
    result.current.session.setSuspended(true);
  });
  expect(client.getQueryData(['users', 'me'])).toBe('alice');
  act(() => {
    result.current.session.endSession();
  });
  expect(client.getQueryCache().getAll()).toEqual([]);
});
