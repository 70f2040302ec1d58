import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from './errors';
import { useErrorText, useKit, type NoticeProps } from './kit-context';

const callbackPath = '/callback';
// The page a person was on their way to when they were sent to sign in.
const storageKey = 'sign-in:return-to';

export function rememberReturnTo(path: string): void {
  sessionStorage.setItem(storageKey, path);
}

/** The remembered page, or undefined when there is none or it isn't a page of this application. */
export function readReturnTo(): string | undefined {
  const path = sessionStorage.getItem(storageKey) ?? '';
  const { origin } = window.location;
  // Anything but a path of this origin would make the callback an open redirect. "//host" and
  // "/\host" are other origins, and "/.//host" becomes one. Returning to the callback would loop.
  if (!path.startsWith('/') || !URL.canParse(path, origin)) return undefined;
  const url = new URL(path, origin);
  const isPath = url.origin === origin && !url.pathname.startsWith('//');
  return isPath && url.pathname !== callbackPath ? path : undefined;
}

export function forgetReturnTo(): void {
  sessionStorage.removeItem(storageKey);
}

/**
 * Starts a sign-in, or with `firstScreen: 'register'` a registration, that returns to `returnTo`, a
 * path of this application. `problem` says why the last one could not start.
 */
export function useSignIn() {
  const { client, onError } = useKit();
  const errorText = useErrorText();
  const isRunning = useRef(false);
  const [isLeaving, setIsLeaving] = useState(false);
  const [problem, setProblem] = useState<string>();

  const start = useCallback(
    (returnTo: string, firstScreen?: 'register') => {
      // StrictMode runs effects twice, and a second sign-in would overwrite the first one's state.
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
  button: string;
  returnTo: string;
  /** Goes to sign-in without a press of the button. */
  automatic?: boolean;
}

/** Says why somebody has to sign in, with the button to do so. */
export function SignInNotice({ button, returnTo, automatic, ...notice }: SignInNoticeProps) {
  const { texts, Loading, Notice } = useKit();
  const { start, isLeaving, problem } = useSignIn();
  const startsNow = automatic && !problem;

  useEffect(() => {
    if (startsNow) start(returnTo);
  }, [startsNow, start, returnTo]);

  if (startsNow) return <Loading>{texts.goingToSignIn}</Loading>;
  const action = { text: button, onClick: () => start(returnTo), busy: isLeaving };
  return <Notice {...notice} action={action} problem={problem} />;
}
