import { useLogto } from '@logto/react';
import { useCallback, useRef, useState } from 'react';
import { rememberReturnTo } from './return-to';

export interface SignIn {
  /**
   * Leaves for the identity provider; the callback page then leads to `returnTo`, a path of this
   * application. With `firstScreen: 'register'` the provider starts with creating an account.
   */
  start: (returnTo: string, firstScreen?: 'register') => void;
  /** `leaving` until the browser has left the page, `failed` when the provider can't be reached. */
  status: 'idle' | 'leaving' | 'failed';
}

/** Starts a sign-in. */
export function useSignIn(): SignIn {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- only its other overloads are
  const { signIn, error } = useLogto();
  const isRunning = useRef(false);
  const [attempt, setAttempt] = useState<{ errorBefore: Error | undefined }>();

  const start = useCallback<SignIn['start']>(
    (returnTo, firstScreen) => {
      // An effect runs twice under StrictMode, and two sign-ins would overwrite each other's state.
      if (isRunning.current) return;
      isRunning.current = true;
      setAttempt({ errorBefore: error });
      rememberReturnTo(returnTo);
      void signIn({
        redirectUri: `${window.location.origin}/callback`,
        ...(firstScreen && { firstScreen }),
      }).finally(() => {
        isRunning.current = false;
      });
    },
    [signIn, error],
  );

  // The SDK's signIn resolves either way; only a new error tells that the browser will stay here.
  const hasFailed = attempt !== undefined && error !== attempt.errorBefore;
  const status = hasFailed ? 'failed' : attempt ? 'leaving' : 'idle';
  return { start, status };
}
