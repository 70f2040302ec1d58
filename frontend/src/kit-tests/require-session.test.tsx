import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { json, stubFetch } from '../testing/answers';
import { deferred } from '../testing/deferred';
import { fakeLogto } from '../testing/fake-logto';
import { open } from '../testing/render';
import { OutageError } from '../kit/errors';
import { rememberReturnTo } from '../kit/sign-in';

beforeEach(() => {
  stubFetch(() => json(200, { message: 'Hello, alice0000001!' }));
});

describe('RequireSession', () => {
  test('sends nobody away while the stored session is being read', async () => {
    const logto = fakeLogto({ signedIn: true });
    const read = deferred<boolean>();
    logto.client.isAuthenticated.mockReturnValue(read.promise);
    open('/under-the-hood/call', logto);

    expect(await screen.findByText('Checking who is signed in…')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Sign in' })).not.toBeInTheDocument();

    read.resolve(true);
    expect(await screen.findByText('Hello, alice0000001!')).toBeInTheDocument();
    expect(logto.client.signIn).not.toHaveBeenCalled();
    expect(window.location.pathname).toBe('/under-the-hood/call');
  });

  test('leads a signed-out person to sign-in once, and remembers the very page', async () => {
    const logto = fakeLogto({ signedIn: false });
    open('/under-the-hood/call?page=2#end', logto);

    expect(await screen.findByText('Taking you to sign-in…')).toBeInTheDocument();
    await waitFor(() => {
      expect(logto.client.signIn).toHaveBeenCalledExactlyOnceWith({
        redirectUri: `${window.location.origin}/callback`,
      });
    });
    expect(Object.values(sessionStorage)).toContain('/under-the-hood/call?page=2#end');
  });

  test('offers a button to a person who came back without having signed in', async () => {
    rememberReturnTo('/under-the-hood/call');
    const logto = fakeLogto({ signedIn: false });
    open('/under-the-hood/call', logto);

    const button = await within(screen.getByRole('main')).findByRole('button', {
      name: 'Sign in',
    });
    expect(logto.client.signIn).not.toHaveBeenCalled();

    await userEvent.click(button);
    expect(logto.client.signIn).toHaveBeenCalledOnce();
  });

  test('says when the sign-in service can’t be reached, and tries again on demand', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const logto = fakeLogto({ signedIn: false });
    logto.client.signIn.mockRejectedValueOnce(new OutageError('logto'));
    open('/under-the-hood/call', logto);

    expect(await screen.findByText(/can’t be reached/)).toBeInTheDocument();
    await userEvent.click(
      within(screen.getByRole('main')).getByRole('button', { name: 'Sign in' }),
    );
    expect(logto.client.signIn).toHaveBeenCalledTimes(2);
  });

  test('keeps the page mounted while an access token is being fetched', async () => {
    const logto = fakeLogto({ signedIn: true });
    open('/under-the-hood/call', logto);
    await screen.findByText('Hello, alice0000001!');
    const heading = screen.getByRole('heading', { name: 'Call the API' });

    const token = deferred<string>();
    logto.client.getAccessToken.mockReturnValue(token.promise);
    await userEvent.click(screen.getByRole('button', { name: 'Call again' }));
    expect(heading).toBeInTheDocument();

    await act(async () => {
      token.resolve('access-token');
      await token.promise;
    });
    expect(heading).toBeInTheDocument();
  });
});
