import { act, cleanup, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encoreError, json, stubFetch } from '../../testing/answers';
import { fakeLogto } from '../../testing/fake-logto';
import { open } from '../../testing/render';

const user = () => userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTime(ms) });

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('AccountPage', () => {
  test('deletes their data once they confirm, signs them out, and says so when they are back', async () => {
    const logto = fakeLogto({ signedIn: true });
    const fetch = stubFetch((request) =>
      request.method === 'DELETE' ? new Response() : json(200, {}),
    );
    open('/account', logto);
    await user().click(await screen.findByRole('button', { name: 'Delete my data…' }));
    const dialog = within(screen.getByRole('dialog', { name: 'Delete your data?' }));
    expect(fetch.mock.calls.some(([request]) => request.method === 'DELETE')).toBe(false);

    await user().click(dialog.getByRole('button', { name: 'Delete my data' }));
    await vi.waitFor(() => {
      expect(logto.client.signOut).toHaveBeenCalledOnce();
    });
    expect(fetch.mock.calls.filter(([request]) => request.method === 'DELETE')).toHaveLength(1);

    cleanup();
    open('/', fakeLogto({ signedIn: false }));
    expect(await screen.findByRole('heading', { name: 'Your data is deleted' })).toBeVisible();
    cleanup();
    open('/', fakeLogto({ signedIn: false }));
    await screen.findByRole('button', { name: 'Create an account' });
    expect(screen.queryByText('Your data is deleted')).not.toBeInTheDocument();
  });

  test.each([
    [
      'an outage',
      encoreError(503, 'unavailable', 'the database is unavailable'),
      'That didn’t work: The service can’t be reached right now.',
    ],
    [
      'too soon after the last time',
      encoreError(429, 'resource_exhausted', 'forgotten already', { retry_after: 42 }),
      'That didn’t work: There are too many requests at the moment. Try again in 42 s.',
    ],
  ])(
    '%s: nothing is deleted, they stay signed in, and are told why',
    async (_case, answer, told) => {
      const logto = fakeLogto({ signedIn: true });
      const fetch = stubFetch((request) =>
        request.method === 'DELETE' ? answer.clone() : json(200, {}),
      );
      open('/account', logto);
      await user().click(await screen.findByRole('button', { name: 'Delete my data…' }));
      await user().click(screen.getByRole('button', { name: 'Delete my data' }));
      expect(await screen.findByText(told)).toBeVisible();
      await act(() => vi.advanceTimersByTimeAsync(120_000));
      expect(fetch.mock.calls.filter(([request]) => request.method === 'DELETE')).toHaveLength(1);
      expect(logto.client.signOut).not.toHaveBeenCalled();
    },
  );
});
