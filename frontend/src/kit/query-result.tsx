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
  /** Shown while the first answer is awaited: a sentence, or the shape of what is to come. */
  loading: ReactNode;
  children: (data: T) => ReactNode;
}

/** A query's answer, or what stands in its way. */
export function QueryResult<T>({ query, loading, children }: QueryResultProps<T>) {
  const { texts, Notice, Loading } = useKit();
  const errorText = useErrorText();
  const { pathname, search } = useLocation();
  const { data, error, failureReason, fetchStatus } = query;

  // The guard takes the page away when the session is over or the person locked out.
  if (error instanceof SignedOutError || error instanceof SuspendedError) return null;
  if (error instanceof MissingScopeError) {
    const { heading, text } = texts.missingScope;
    const notice = { heading, text: text(error.details.scope), button: texts.signInAgain };
    return <SignInNotice level={2} {...notice} returnTo={pathname + search} />;
  }

  const onClick = () => {
    query.refetch();
  };
  let notice: Omit<NoticeProps, 'level'> | undefined;
  if (fetchStatus === 'paused') {
    notice = texts.offline;
  } else if (fetchStatus === 'idle' && error) {
    const action = { text: texts.tryAgain, onClick };
    notice = { heading: texts.failed, text: errorText(error), tone: 'error', action };
  } else if (failureReason instanceof OutageError) {
    const heading = failureReason.isBusy ? texts.busy : texts.unavailable;
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
