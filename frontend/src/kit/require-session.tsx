import { useEffect, useState } from 'react';
import { Outlet, useLocation } from 'react-router';
import { Loading } from '../components/loading';
import { forgetReturnTo, readReturnTo } from './return-to';
import { useSession } from './session-context';
import { SignInNotice } from './sign-in-notice';
import { SuspendedNotice } from './suspended-notice';
import { useSignIn } from './use-sign-in';

/** The guard: a layout route whose pages are for signed-in people only. */
export function RequireSession() {
  const { session } = useSession();
  const { pathname, search, hash } = useLocation();
  const here = pathname + search + hash;

  switch (session.status) {
    case 'loading':
      return <Loading>Checking who is signed in…</Loading>;
    case 'signed-out':
      return <SignInAndReturn here={here} />;
    case 'ended':
      return (
        <SignInNotice heading="You were signed out" action="Sign in again" returnTo={here}>
          <p>Your session is over. Sign in again and you will be back on this page.</p>
        </SignInNotice>
      );
    case 'leaving':
      return <Loading>Signing you out…</Loading>;
    case 'suspended':
      return <SuspendedNotice />;
    case 'signed-in':
      return <SignedIn />;
  }
}

function SignedIn() {
  useEffect(forgetReturnTo, []);
  return <Outlet />;
}

/**
 * Leads to sign-in by itself once. A person who comes back to the same page without having signed
 * in (the back button, a refused sign-in) gets a button, or they would be caught in a circle.
 */
function SignInAndReturn({ here }: { here: string }) {
  const { start, isLeaving, problem } = useSignIn();
  const [cameBack] = useState(() => readReturnTo() === here);

  useEffect(() => {
    if (!cameBack && !isLeaving && !problem) start(here);
  }, [cameBack, isLeaving, problem, start, here]);

  if (!cameBack && !problem) return <Loading>Taking you to sign-in…</Loading>;
  return (
    <SignInNotice heading="Sign in to go on" action="Sign in" returnTo={here}>
      <p>{problem ?? 'This page is for people who are signed in.'}</p>
    </SignInNotice>
  );
}
