import type { ReactNode } from 'react';
import { useLocation } from 'react-router';
import { MissingScopeError, OutageError, SignedOutError, SuspendedError } from './errors';
import { useKit } from './kit-context';
import { SignInNotice } from './sign-in';
import { useErrorText } from './use-error-text';

/** What all of TanStack's queries have, paged or not. */
interface Query<T> {
  data: T | undefined;
  error: Error | null;
  failureReason: Error | null;
  fetchStatus: 'fetching' | 'paused' | 'idle';
  refetch: () => unknown;
}

interface QueryResultProps<T> {
  query: Query<T>;
  /** Shown while the first answer is awaited: a sentence, or the shape of what is to come. */
  loading: ReactNode;
  children: (data: T) => ReactNode;
}

/** A query's answer, or what stands in its way. */
export function QueryResult<T>({ query, loading, children }: QueryResultProps<T>) {
  const { texts, Notice, Loading } = useKit();
  const errorText = useErrorText();
  const { data, error, failureReason, fetchStatus } = query;

  // The guard takes the page away when the session is over or the person locked out.
  if (error instanceof SignedOutError || error instanceof SuspendedError) return null;
  if (error instanceof MissingScopeError) return <MissingScope scope={error.scope} />;

  const isOffline = fetchStatus === 'paused';
  const outage = !isOffline && failureReason instanceof OutageError ? failureReason : undefined;
  const refusal = fetchStatus === 'idle' ? error : null;
  const isLoading = data === undefined && !isOffline && !outage && !refusal;
  const onClick = () => {
    query.refetch();
  };
  return (
    <>
      {isOffline && <Notice level={2} {...texts.offline} />}
      {outage && (
        <Notice
          level={2}
          heading={outage.isBusy ? texts.busy : texts.unavailable}
          text={`${errorText(outage)} ${texts.retrying}`}
        />
      )}
      {refusal && (
        <Notice
          level={2}
          tone="error"
          heading={texts.failed}
          text={errorText(refusal)}
          action={{ text: texts.tryAgain, onClick }}
        />
      )}
      {isLoading && (typeof loading === 'string' ? <Loading>{loading}</Loading> : loading)}
      {data !== undefined && children(data)}
    </>
  );
}

/** Logto puts permissions into a token by what the person held when they signed in. */
function MissingScope({ scope }: { scope: string }) {
  const { heading, text } = useKit().texts.missingScope;
  const { signInAgain } = useKit().texts;
  const { pathname, search } = useLocation();
  const notice = { heading, text: text(scope), button: signInAgain };
  return <SignInNotice level={2} {...notice} returnTo={pathname + search} />;
}
