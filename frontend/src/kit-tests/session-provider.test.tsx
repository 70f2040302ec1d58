import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { json, stubFetch } from '../testing/answers';
import { fakeLogto } from '../testing/fake-logto';
import { open } from '../testing/render';
import { never } from '../testing/timeouts';

beforeEach(() => {
  stubFetch(() => json(200, { message: 'Hello, alice0000001!' }));
});

describe('SessionProvider', () => {
  test('signs out at the provider, and names the home page to come back to', async () => {
    const logto = fakeLogto({ signedIn: true });
    open('/under-the-hood/call', logto);
    await userEvent.click(await screen.findByRole('button', { name: 'Sign out', hidden: true }));

    expect(logto.client.signOut).toHaveBeenCalledExactlyOnceWith(`${window.location.origin}/`);
  });

  test('shows nothing of the person any more while the provider is being told', async () => {
    const logto = fakeLogto({ signedIn: true });
    logto.client.signOut.mockReturnValue(never);
    open('/under-the-hood/call', logto);
    await screen.findByText('Hello, alice0000001!');
    await userEvent.click(screen.getByRole('button', { name: 'Sign out', hidden: true }));

    expect(screen.getByText('Signing you out…')).toBeVisible();
    expect(document.body).not.toHaveTextContent('alice0000001');
    expect(document.body).not.toHaveTextContent('Alice');
  });

  test('ends the session when another tab signs out, without leaving the page', async () => {
    const logto = fakeLogto({ signedIn: true });
    open('/under-the-hood/call', logto);
    await screen.findByText('Hello, alice0000001!');

    act(() => {
      window.dispatchEvent(
        new StorageEvent('storage', { key: 'logto:app:idToken', newValue: null }),
      );
    });

    expect(await screen.findByRole('heading', { name: 'You were signed out' })).toBeVisible();
    expect(logto.client.signIn).not.toHaveBeenCalled();
    expect(window.location.pathname).toBe('/under-the-hood/call');
  });

  test('drops an ID token that can’t be read', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const logto = fakeLogto({ signedIn: true });
    logto.client.getIdTokenClaims.mockRejectedValue(new Error('malformed'));
    open('/under-the-hood/call', logto);

    expect(await screen.findByRole('heading', { name: 'You were signed out' })).toBeVisible();
    expect(await logto.client.getIdToken()).toBeNull();
  });
});
