import { LogtoError, OidcError } from '@logto/browser';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { json, stubFetch } from '../testing/answers';
import { fakeLogto } from '../testing/fake-logto';
import { open } from '../testing/render';
import { OutageError } from '../kit/errors';
import { rememberReturnTo } from '../kit/sign-in';

/** The state the tab is in when the provider sends the browser back. */
function signInStarted() {
  const logto = fakeLogto({ signedIn: false });
  logto.client.isSignInRedirected.mockResolvedValue(true);
  sessionStorage.setItem('logto:app:signInSession', '{}');
  return logto;
}

beforeEach(() => {
  stubFetch(() => json(200, { message: 'Hello, alice0000001!' }));
});

describe('CallbackPage', () => {
  test('exchanges the code once under StrictMode and goes on to the remembered page', async () => {
    rememberReturnTo('/under-the-hood/call?page=2');
    const logto = signInStarted();
    open('/callback?code=c&state=s', logto);

    expect(await screen.findByText('Hello, alice0000001!')).toBeInTheDocument();
    expect(logto.client.handleSignInCallback).toHaveBeenCalledExactlyOnceWith(
      `${window.location.origin}/callback?code=c&state=s`,
    );
    expect(window.location.pathname + window.location.search).toBe('/under-the-hood/call?page=2');
  });

  test('goes home when no page is remembered, or one that is not ours', async () => {
    sessionStorage.setItem('sign-in:return-to', '//evil.example');
    open('/callback?code=c&state=s', signInStarted());

    expect(await screen.findByRole('heading', { name: /^Welcome/ })).toBeInTheDocument();
    expect(window.location.href).toBe(`${window.location.origin}/`);
  });

  test('exchanges nothing on a reload after the sign-in, and goes on', async () => {
    rememberReturnTo('/under-the-hood/call');
    const logto = fakeLogto({ signedIn: true });
    open('/callback?code=c&state=s', logto);

    await waitFor(() => {
      expect(window.location.pathname).toBe('/under-the-hood/call');
    });
    expect(logto.client.handleSignInCallback).not.toHaveBeenCalled();
  });

  test('says so when no sign-in was started in this tab', async () => {
    const logto = fakeLogto({ signedIn: false });
    open('/callback?code=c&state=s', logto);

    expect(
      await screen.findByRole('heading', { name: 'There is no sign-in to finish' }),
    ).toBeVisible();
    expect(logto.client.signIn).not.toHaveBeenCalled();
  });

  test.each([
    ['access_denied', /cancelled, or access was not allowed/],
    ['invalid_target', /refused the request \(invalid_target\)\./],
    ['Call 555-0100 now', /refused the request\./],
  ])('explains the error %s, and tries again on demand', async (code, text) => {
    vi.spyOn(console, 'error').mockReturnValue();
    rememberReturnTo('/under-the-hood/call');
    const logto = signInStarted();
    logto.client.handleSignInCallback.mockRejectedValue(
      new LogtoError(
        'callback_uri_verification.error_found',
        new OidcError(code, 'call 555-0100 to unlock your account'),
      ),
    );
    open(`/callback?error=${encodeURIComponent(code)}&state=s`, logto);

    const alert = await screen.findByText(text);
    expect(alert).toBeVisible();
    expect(document.body).not.toHaveTextContent('555-0100');

    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(logto.client.signIn).toHaveBeenCalledOnce();
    expect(sessionStorage.getItem('sign-in:return-to')).toBe('/under-the-hood/call');
  });

  test.each([
    ['too new', new LogtoError('id_token.invalid_iat')],
    [
      'expired',
      Object.assign(new Error('"exp" claim timestamp check failed'), { code: 'ERR_JWT_EXPIRED' }),
    ],
  ])('an ID token that is %s on arrival tells that the clock is wrong', async (_case, error) => {
    vi.spyOn(console, 'error').mockReturnValue();
    const logto = signInStarted();
    logto.client.handleSignInCallback.mockRejectedValue(error);
    open('/callback?code=c&state=s', logto);

    expect(await screen.findByText(/The clock of this device/)).toBeVisible();
  });

  test.each([
    ['is unreachable', new OutageError('logto')],
    ['is busy', new OutageError('logto', 429)],
  ])('tells a provider that %s from a refusal', async (_case, error) => {
    vi.spyOn(console, 'error').mockReturnValue();
    const logto = signInStarted();
    logto.client.handleSignInCallback.mockRejectedValue(error);
    open('/callback?code=c&state=s', logto);

    expect(await screen.findByText(/can’t be reached|too many requests/)).toBeVisible();
  });
});
