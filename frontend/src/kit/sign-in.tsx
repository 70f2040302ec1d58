import { useCallback, useRef, useState } from 'react';
import { ApiError } from './errors';
import { useKit, type NoticeProps } from './kit-context';
import { fromLogtoError } from './logto-client';
import { callbackPath, rememberReturnTo } from './return-to';
import { useErrorText } from './use-error-text';

interface SignIn {
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
  const { client, onError } = useKit();
  const errorText = useErrorText();
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
          const redirectUri = window.location.origin + callbackPath;
          await client.signIn({ redirectUri, ...(firstScreen && { firstScreen }) });
        } catch (cause) {
          const error = fromLogtoError(cause);
          if (!(error instanceof ApiError)) onError(error);
          setProblem(errorText(error));
          setIsLeaving(false);
        }
        isRunning.current = false;
      };
      void leave();
    },
    [client, onError, errorText],
  );

  return { start, isLeaving, problem };
}

interface SignInNoticeProps extends Pick<NoticeProps, 'heading' | 'text' | 'level' | 'tone'> {
  /** The button's text. */
  button: string;
  /** Where the sign-in leads back to. */
  returnTo: string;
}

/** Says why somebody has to sign in (again), with the button to do so. */
export function SignInNotice({ button, returnTo, ...notice }: SignInNoticeProps) {
  const { Notice } = useKit();
  const { start, isLeaving, problem } = useSignIn();
  const onClick = () => {
    start(returnTo);
  };
  return (
    <Notice {...notice} action={{ text: button, onClick, busy: isLeaving }} problem={problem} />
  );
}
