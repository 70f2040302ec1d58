import { Button } from '../components/button';
import { Notice } from '../components/notice';
import { useSignIn } from './use-sign-in';
import type { ReactNode } from 'react';

interface SignInNoticeProps {
  heading: string;
  children: ReactNode;
  /** The button's text. */
  action: string;
  /** Where the sign-in leads back to. */
  returnTo: string;
  tone?: 'info' | 'error';
}

/** A page that says why somebody has to sign in (again), with the button to do so. */
export function SignInNotice({ heading, children, action, returnTo, tone }: SignInNoticeProps) {
  const { start, isLeaving, problem } = useSignIn();
  return (
    <Notice heading={heading} level={1} tone={tone}>
      <title>{`${heading} · Encore with Logto`}</title>
      {children}
      <Button
        busy={isLeaving}
        onClick={() => {
          start(returnTo);
        }}
      >
        {action}
      </Button>
      <SignInFailure problem={problem} />
    </Notice>
  );
}

/** Says that a sign-in could not even start. */
export function SignInFailure({ problem }: { problem: string | undefined }) {
  return (
    <p role="alert" className="problem">
      {problem}
    </p>
  );
}
