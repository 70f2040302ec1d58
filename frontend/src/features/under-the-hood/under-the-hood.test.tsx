import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { json, stubFetch } from '../../testing/answers';
import { fakeLogto } from '../../testing/fake-logto';
import { aJwt } from '../../testing/jwt';
import { ApiError } from '../../kit';
import { open } from '../../testing/render';
import type { User } from '../api/schema';
import { OutageError } from '../../kit';

const row: User = {
  id: 5,
  logto_id: 'alice0000001',
  username: null,
  email: null,
  phone: null,
  name: null,
  picture: null,
  suspended: false,
  created_at: '2026-11-21T08:00:00Z',
  updated_at: '2026-11-21T08:00:00Z',
  last_seen_at: null,
};

const user = () => userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTime(ms) });
const now = () => Math.floor(Date.now() / 1000);

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  stubFetch((request) => (request.method === 'DELETE' ? new Response() : json(200, row)));
});
afterEach(() => {
  vi.useRealTimers();
});

describe('TokensPage', () => {
  test('the access token is explained and counts down, and a new one takes its place', async () => {
    const logto = fakeLogto({ signedIn: true });
    logto.client.getAccessToken.mockResolvedValue(aJwt({ exp: now() + 65, custom: 'x' }));
    open('/under-the-hood/tokens', logto);
    const card = within(await screen.findByRole('region', { name: 'Access token' }));
    expect(await card.findByRole('timer')).toHaveTextContent(/^Good for 1 min \d s$/);
    expect(card.getByText('How it is signed.')).toBeVisible();
    expect(card.getByText('Your Logto tenant adds it.')).toBeVisible();

    logto.client.getAccessToken.mockResolvedValue(aJwt({ exp: now() + 3600 + 65 }));
    await act(() => vi.advanceTimersByTimeAsync(66_000));
    expect(await card.findByText(/^Good for (59|60) min/)).toBeVisible();
  });

  test('a clock that is ahead is told, and a claim may have any name', async () => {
    const logto = fakeLogto({ signedIn: true });
    logto.client.getAccessToken.mockResolvedValue(aJwt({ exp: now() - 3600, constructor: 'x' }));
    open('/under-the-hood/tokens', logto);
    const card = within(await screen.findByRole('region', { name: 'Access token' }));
    expect(await card.findByRole('timer')).toHaveTextContent(/^The clock of this device is wrong/);
    expect(card.getByText('Your Logto tenant adds it.')).toBeVisible();
  });

  test('copies a call with the token in it, and says so', async () => {
    const logto = fakeLogto({ signedIn: true });
    const token = aJwt({ exp: now() + 60 });
    logto.client.getAccessToken.mockResolvedValue(token);
    open('/under-the-hood/tokens', logto);
    const someone = user();
    await someone.click(await screen.findByRole('button', { name: 'Copy as curl' }));
    expect(await screen.findByText(/^Copied/)).toBeVisible();
    expect(await navigator.clipboard.readText()).toBe(
      `curl -H 'Authorization: Bearer ${token}' 'https://api.example/users/me'`,
    );
  });

  test('says when the browser does not let it copy', async () => {
    const logto = fakeLogto({ signedIn: true });
    logto.client.getAccessToken.mockResolvedValue(aJwt({ exp: now() + 60 }));
    open('/under-the-hood/tokens', logto);
    const someone = user();
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('denied'));
    await someone.click(await screen.findByRole('button', { name: 'Copy as curl' }));
    expect(await screen.findByText(/did not let/)).toBeVisible();
  });

  test('does not blame the browser when there is no token to copy', async () => {
    const logto = fakeLogto({ signedIn: true });
    logto.client.getAccessToken.mockResolvedValue(aJwt({ exp: now() + 60 }));
    open('/under-the-hood/tokens', logto);
    const someone = user();
    const button = await screen.findByRole('button', { name: 'Copy as curl' });
    logto.client.getAccessToken.mockRejectedValue(new OutageError('logto'));
    await someone.click(button);
    expect(
      await screen.findByText(
        'Not copied, because there is no token. The sign-in service can’t be reached right now.',
      ),
    ).toBeVisible();
    expect(screen.queryByText(/did not let/)).not.toBeInTheDocument();
  });

  test('a revoked token for userinfo is replaced, which tells whether the session is over', async () => {
    const logto = fakeLogto({ signedIn: true });
    logto.client.getAccessToken.mockResolvedValue(aJwt({ exp: now() + 60 }));
    logto.client.fetchUserInfo.mockRejectedValueOnce(
      new ApiError(401, 'oidc.invalid_token', 'Invalid token.'),
    );
    open('/under-the-hood/tokens', logto);
    const card = within(await screen.findByRole('region', { name: 'Userinfo' }));
    expect(await card.findByText('alice0000001')).toBeVisible();
    expect(logto.client.clearAccessToken).toHaveBeenCalledOnce();
  });
});
