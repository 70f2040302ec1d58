import type { UseBaseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useLocation } from 'react-router';
import { MissingScopeError, OutageError, SignedOutError, SuspendedError } from './errors';
import { useErrorText, useKit, type NoticeProps } from './kit-context';
import { SignInNotice } from './sign-in';

interface QueryResultProps<T> {
  query: Pick<UseBaseQueryResult<T>, 'data' | 'error' | 'failureReason' | 'fetchStatus'> & {
    refetch: () => unknown;
  };
  /** Shown before the first answer: a sentence or a placeholder. */
  loading: ReactNode;
  children: (data: T) => ReactNode;
}

/** Draws a query's answer, or says why there is none. */
export function QueryResult<T>({ query, loading, children }: QueryResultProps<T>) {
  const { texts, Notice, Loading } = useKit();
  const errorText = useErrorText();
  const { pathname, search } = useLocation();
  const { data, error, failureReason, fetchStatus } = query;

  // RequireSession replaces the whole page.
  if (error instanceof SignedOutError || error instanceof SuspendedError) return null;
  if (error instanceof MissingScopeError) {
    const { heading, text } = texts.missingScope;
    const notice = { heading, text: text(error.details.scope), button: texts.signInAgain };
    return <SignInNotice level={2} {...notice} returnTo={pathname + search} />;
  }

  let notice: Omit<NoticeProps, 'level'> | undefined;
  if (fetchStatus === 'paused') {
    notice = texts.offline;
  } else if (fetchStatus === 'idle' && error) {
    const action = { text: texts.tryAgain, onClick: () => query.refetch() };
    notice = { heading: texts.failed, text: errorText(error), tone: 'error', action };
  } else if (failureReason instanceof OutageError) {
    const heading = failureReason.status === 429 ? texts.busy : texts.unavailable;
    notice = { heading, text: `${errorText(failureReason)} ${texts.retrying}` };
  }
  const wait = typeof loading === 'string' ? <Loading>{loading}</Loading> : loading;
  return (
    <>
      {notice && <Notice level={2} {...notice} />}
      {data === undefined ? !notice && wait : children(data)}
    </>
  );
}
