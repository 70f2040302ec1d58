import { useEffect, useState } from 'react';
import { Outlet, useLocation } from 'react-router';
import { useKit } from './kit-context';
import { forgetReturnTo, readReturnTo } from './return-to';
import { useSession } from './session';
import { SignInNotice, useSignIn } from './sign-in';

/** The guard: a layout route whose pages are for signed-in people only. */
export function RequireSession() {
  const { texts, Loading } = useKit();
  const { status } = useSession().session;
  const { pathname, search, hash } = useLocation();
  const here = pathname + search + hash;

  if (status === 'signed-in') return <SignedIn />;
  if (status === 'suspended') return <SuspendedNotice />;
  if (status === 'signed-out') return <SignInAndReturn here={here} />;
  if (status === 'ended') {
    const notice = { ...texts.signedOut, button: texts.signInAgain };
    return <SignInNotice level={1} {...notice} returnTo={here} />;
  }
  return <Loading>{status === 'leaving' ? texts.signingOut : texts.checkingSession}</Loading>;
}

function SignedIn() {
  useEffect(forgetReturnTo, []);
  return <Outlet />;
}

/** What a suspended person sees in the place of every page. */
export function SuspendedNotice() {
  const { texts, Notice } = useKit();
  const { setSuspended } = useSession();
  const onClick = () => {
    setSuspended(false);
  };
  const action = { text: texts.tryAgain, onClick };
  return <Notice level={1} tone="error" {...texts.suspended} action={action} />;
}

/**
 * Leads to sign-in by itself once. A person who comes back to the same page without having signed
 * in (the back button, a refused sign-in) gets a button, or they would be caught in a circle.
 */
function SignInAndReturn({ here }: { here: string }) {
  const { texts, Loading } = useKit();
  const { start, isLeaving, problem } = useSignIn();
  const [cameBack] = useState(() => readReturnTo() === here);

  useEffect(() => {
    if (!cameBack && !isLeaving && !problem) start(here);
  }, [cameBack, isLeaving, problem, start, here]);

  if (!cameBack && !problem) return <Loading>{texts.goingToSignIn}</Loading>;
  const { heading, text } = texts.signInNeeded;
  const notice = { heading, text: problem ?? text, button: texts.signIn };
  return <SignInNotice level={1} {...notice} returnTo={here} />;
}
