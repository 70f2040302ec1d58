import { BrowserStorage, LogtoError, OidcError, PersistKey } from '@logto/browser';
import { useHandleSignInCallback } from '@logto/react';
import { useState } from 'react';
import { Navigate } from 'react-router';
import { Loading } from '../components/loading';
import { useEnv } from '../config/env-context';
import { OutageError } from './api-error';
import { fromLogtoError, unreachable } from './logto-error';
import { readReturnTo } from './return-to';
import { useSession } from './session-context';
import { SignInNotice } from './sign-in-notice';
import { storageProblem } from './storage';

/**
 * Where the identity provider sends the browser back to. The code in the address is exchanged once,
 * however often this runs: the SDK shares the exchange between StrictMode's two runs and deletes
 * the sign-in it belongs to afterwards, so that a reload or the back button finds either a session
 * or nothing to do.
 */
export function CallbackPage() {
  const { logtoAppId } = useEnv();
  const { session } = useSession();
  const { error } = useHandleSignInCallback();
  const [wasStarted] = useState(() => isSignInStarted(logtoAppId));
  const returnTo = readReturnTo() ?? '/';

  if (session.status === 'signed-in') return <Navigate to={returnTo} replace />;
  if (error) {
    return (
      <SignInNotice
        heading="You are not signed in"
        action="Try again"
        returnTo={returnTo}
        tone="error"
      >
        <p>{explain(error)}</p>
      </SignInNotice>
    );
  }
  if (session.status === 'ended' || (session.status === 'signed-out' && !wasStarted)) {
    return (
      <SignInNotice heading="Nothing to complete here" action="Sign in" returnTo={returnTo}>
        <p>No sign-in was started in this tab, or it was completed already.</p>
      </SignInNotice>
    );
  }
  return <Loading>Signing you in…</Loading>;
}

function isSignInStarted(appId: string): boolean {
  const key = new BrowserStorage(appId).getKey(PersistKey.SignInSession);
  return sessionStorage.getItem(key) !== null;
}

/** A new ID token is from another time than the device's: too old, too new, or expired already. */
function isClockError(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined;
  return code === 'id_token.invalid_iat' || code === 'ERR_JWT_EXPIRED';
}

// Anybody can write a link with an error in it, so its description is never shown, and its code only
// when it looks like one (RFC 6749, section 4.1.2.1).
function explain(error: Error): string {
  const problem = storageProblem(error);
  if (problem) return problem;
  if (fromLogtoError(error) instanceof OutageError) {
    return `${unreachable} Please try again in a moment.`;
  }
  if (isClockError(error)) {
    return 'The clock of this device is more than five minutes wrong. Set it and try again.';
  }
  if (error instanceof LogtoError && error.data instanceof OidcError) {
    const code = error.data.error;
    if (code === 'access_denied') return 'The sign-in was cancelled, or access was not allowed.';
    return `The sign-in service refused the request${/^[a-z_]{1,40}$/.test(code) ? ` (${code})` : ''}.`;
  }
  return 'This sign-in can’t be completed: it is too old, or was used before.';
}
