import { LogtoClientError, LogtoError, OidcError } from '@logto/browser';
import { useEffect, useState } from 'react';
import { Navigate } from 'react-router';
import { ApiError, OutageError } from './errors';
import { useErrorText, useKit } from './kit-context';
import { useSession } from './session';
import { readReturnTo, SignInNotice } from './sign-in';
import type { Texts } from './texts';

/**
 * Where Logto sends the browser back to. The code in the address is exchanged once: the SDK shares
 * the exchange between StrictMode's two runs, and after it a reload finds a session or nothing to do.
 */
export function CallbackPage() {
  const { texts, Loading, onError } = useKit();
  const { session, finishSignIn } = useSession();
  const errorText = useErrorText();
  const [outcome, setOutcome] = useState<'nothing-to-finish' | Error>();
  const { status } = session;

  useEffect(() => {
    if (status !== 'signed-out') return;
    finishSignIn().then(
      (wasStarted) => {
        if (!wasStarted) setOutcome('nothing-to-finish');
      },
      (error: unknown) => {
        setOutcome(error as Error);
        if (!(error instanceof OutageError) && !explain(error, texts)) onError(error);
      },
    );
  }, [status, finishSignIn, onError, texts]);

  const returnTo = readReturnTo() ?? '/';
  if (status === 'signed-in') return <Navigate to={returnTo} replace />;
  if (outcome instanceof Error) {
    const text = explain(outcome, texts) ?? errorText(outcome);
    const notice = { heading: texts.signInFailed, text, button: texts.tryAgain };
    return <SignInNotice level={1} tone="error" {...notice} returnTo={returnTo} />;
  }
  if (status === 'ended' || outcome === 'nothing-to-finish') {
    const notice = { ...texts.nothingToFinish, button: texts.signIn };
    return <SignInNotice level={1} {...notice} returnTo={returnTo} />;
  }
  return <Loading>{texts.finishingSignIn}</Loading>;
}

/** Why the sign-in failed, if that is known. */
function explain(error: unknown, texts: Texts): string | undefined {
  if (error instanceof LogtoError && error.data instanceof OidcError) {
    // Anybody can make a link with an error in it: its description is never shown, and its code only
    // when it looks like one (RFC 6749, section 4.1.2.1).
    const code = error.data.error;
    if (code === 'access_denied') return texts.signInCancelled;
    return texts.signInRefused(/^[a-z_]{1,40}$/.test(code) ? code : '');
  }
  // A new ID token that looks too old, too new or expired: this device's clock is wrong.
  const code = error instanceof Error && 'code' in error && error.code;
  if (code === 'id_token.invalid_iat' || code === 'ERR_JWT_EXPIRED') return texts.wrongClock;
  const kinds = error instanceof OutageError ? [] : [LogtoError, LogtoClientError, ApiError];
  return kinds.some((kind) => error instanceof kind) ? texts.signInTooOld : undefined;
}
