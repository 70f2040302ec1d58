import { useCallback, useRef, useState } from 'react';
import { reportError } from './report-error';
import { isExpected, OutageError } from './api-error';
import { useLogtoClient } from './logto-client-context';
import { fromLogtoError } from './logto-error';
import { rememberReturnTo } from './return-to';

export interface SignIn {
  /**
   * Leaves for the identity provider; the callback page then leads to `returnTo`, a path of this
   * application. With `firstScreen: 'register'` the provider starts with creating an account.
   */
  start: (returnTo: string, firstScreen?: 'register') => void;
  /** From the start until the browser has left the page. */
  isLeaving: boolean;
  /** Why the last sign-in could not start, for the person. */
  problem: string | undefined;
}

/** Starts a sign-in. */
export function useSignIn(): SignIn {
  const client = useLogtoClient();
  const isRunning = useRef(false);
  const [isLeaving, setIsLeaving] = useState(false);
  const [problem, setProblem] = useState<string>();

  const start = useCallback<SignIn['start']>(
    (returnTo, firstScreen) => {
      // An effect runs twice under StrictMode, and two sign-ins would overwrite each other's state.
      if (isRunning.current) return;
      isRunning.current = true;
      setIsLeaving(true);
      setProblem(undefined);
      const leave = async () => {
        try {
          rememberReturnTo(returnTo);
          await client.signIn({
            redirectUri: `${window.location.origin}/callback`,
            ...(firstScreen && { firstScreen }),
          });
        } catch (cause) {
          const error = fromLogtoError(cause);
          if (!isExpected(error)) reportError(error);
          const advice = error instanceof OutageError ? ' Please try again in a moment.' : '';
          setProblem(error.message + advice);
          setIsLeaving(false);
        }
        isRunning.current = false;
      };
      void leave();
    },
    [client],
  );

  return { start, isLeaving, problem };
}
