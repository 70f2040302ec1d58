import { useCallback, useRef, useState } from 'react';
import { ApiError } from './errors';
import { useErrorText, useKit, type NoticeProps } from './kit-context';
import { callbackPath, rememberReturnTo } from './return-to';

/**
 * Starts a sign-in, or with `firstScreen: 'register'` a registration, that leads back to `returnTo`,
 * a path of this application. `problem` says why the last one could not start, if it couldn't.
 */
export function useSignIn() {
  const { client, onError } = useKit();
  const errorText = useErrorText();
  const isRunning = useRef(false);
  const [isLeaving, setIsLeaving] = useState(false);
  const [problem, setProblem] = useState<string>();

  const start = useCallback(
    (returnTo: string, firstScreen?: 'register') => {
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
        } catch (error) {
          if (!(error instanceof ApiError)) onError(error);
          setProblem(errorText(error as Error));
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

interface SignInNoticeProps extends Omit<NoticeProps, 'action' | 'problem'> {
  /** The button's text. */
  button: string;
  returnTo: string;
}

/** Says why somebody has to sign in (again), with the button to do so. */
export function SignInNotice({ button, returnTo, ...notice }: SignInNoticeProps) {
  const { Notice } = useKit();
  const { start, isLeaving, problem } = useSignIn();
  const onClick = () => {
    start(returnTo);
  };
  const action = { text: button, onClick, busy: isLeaving };
  return <Notice {...notice} action={action} problem={problem} />;
}
