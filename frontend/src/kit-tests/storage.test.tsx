import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fakeLogto } from '../testing/fake-logto';
import { open } from '../testing/render';

// Before the storage is cleared for the next test.
afterEach(() => {
  vi.restoreAllMocks();
});

test.each(['localStorage', 'sessionStorage'] as const)(
  'a browser that blocks %s is named as the reason, on every page',
  async (storage) => {
    vi.spyOn(globalThis, storage, 'get').mockImplementation(() => {
      throw new DOMException('Access is denied for this document.', 'SecurityError');
    });
    const logto = fakeLogto({ signedIn: false });
    open('/under-the-hood/call', logto);
    expect(
      await screen.findByRole('heading', { name: 'Your browser blocks cookies and site data' }),
    ).toBeVisible();
    expect(screen.getByText(/Allow cookies and site data/)).toBeVisible();
    expect(logto.client.isAuthenticated).not.toHaveBeenCalled();
  },
);

describe('a storage that is full', () => {
  const full = Object.assign(new Error('The quota has been exceeded.'), {
    name: 'QuotaExceededError',
  });
  const fillStorage = () =>
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw full;
    });

  test('is named when a sign-in can’t start, which can be tried again', async () => {
    const storage = fillStorage();
    const logto = fakeLogto({ signedIn: false });
    open('/', logto);
    const button = await screen.findByRole('button', { name: 'Sign in' });
    await userEvent.click(button);
    expect(await screen.findByText(/has no room left to remember your sign-in/)).toBeVisible();
    expect(button).toHaveAttribute('aria-disabled', 'false');

    storage.mockRestore();
    await userEvent.click(button);
    expect(logto.client.signIn).toHaveBeenCalledOnce();
    expect(screen.queryByText(/has no room left/)).not.toBeInTheDocument();
  });

  test('is named on a page that leads to sign-in by itself', async () => {
    fillStorage();
    open('/under-the-hood/call', fakeLogto({ signedIn: false }));
    expect(await screen.findByText(/has no room left to remember your sign-in/)).toBeVisible();
    expect(within(screen.getByRole('main')).getByRole('button', { name: 'Sign in' })).toBeVisible();
  });

  test('is named when the tokens don’t fit in', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const logto = fakeLogto({ signedIn: false });
    logto.client.isSignInRedirected.mockResolvedValue(true);
    sessionStorage.setItem('logto:app:signInSession', '{}');
    logto.client.handleSignInCallback.mockRejectedValue(full);
    open('/callback?code=c&state=s', logto);
    expect(await screen.findByText(/has no room left to remember your sign-in/)).toBeVisible();
  });
});
