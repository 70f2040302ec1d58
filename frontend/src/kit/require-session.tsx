import { useEffect, useState } from 'react';
import { Outlet, useLocation } from 'react-router';
import { useKit } from './kit-context';
import { useSession } from './session';
import { forgetReturnTo, readReturnTo, SignInNotice } from './sign-in';

/** A layout route whose pages are for signed-in people only. */
export function RequireSession() {
  const { texts, Loading } = useKit();
  const { status } = useSession().session;
  const { pathname, search, hash } = useLocation();
  const here = pathname + search + hash;

  useEffect(() => {
    if (status === 'signed-in') forgetReturnTo();
  }, [status]);

  if (status === 'signed-in') return <Outlet />;
  if (status === 'suspended') return <SuspendedNotice />;
  if (status === 'signed-out') return <SignInAndReturn here={here} />;
  if (status === 'ended') {
    const notice = { ...texts.signedOut, button: texts.signInAgain };
    return <SignInNotice level={1} {...notice} returnTo={here} />;
  }
  return <Loading>{status === 'leaving' ? texts.signingOut : texts.checkingSession}</Loading>;
}

/** What a suspended person sees instead of every page. */
export function SuspendedNotice() {
  const { texts, Notice } = useKit();
  const { setSuspended } = useSession();
  const action = { text: texts.tryAgain, onClick: () => setSuspended(false) };
  return <Notice level={1} tone="error" {...texts.suspended} action={action} />;
}

/**
 * Goes to sign-in by itself once. A person who comes back without having signed in (the back button,
 * a refused sign-in) gets a button, so that they are not sent away again and again.
 */
function SignInAndReturn({ here }: { here: string }) {
  const { texts } = useKit();
  const [cameBack] = useState(() => readReturnTo() === here);
  const notice = { ...texts.signInNeeded, button: texts.signIn, automatic: !cameBack };
  return <SignInNotice level={1} {...notice} returnTo={here} />;
}
