import type { ReactNode } from 'react';
import { Button } from '../components/button';
import { Loading } from '../components/loading';
import { Notice } from '../components/notice';
import {
  BusyError,
  MissingScopeError,
  OutageError,
  SignedOutError,
  SuspendedError,
  textFor,
} from './api-error';
import { MissingScope } from './missing-scope';

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
  const { data, error, failureReason, fetchStatus } = query;

  // The guard takes the page away when the session is over or the person locked out.
  if (error instanceof SignedOutError || error instanceof SuspendedError) return null;
  if (error instanceof MissingScopeError) return <MissingScope scope={error.scope} />;

  const isOffline = fetchStatus === 'paused';
  const outage = failureReason instanceof OutageError ? failureReason : undefined;
  const refusal = fetchStatus === 'idle' ? error : null;
  const isLoading = data === undefined && !isOffline && !outage && !refusal;
  return (
    <>
      {isOffline && <Offline />}
      {outage && !isOffline && <Outage error={outage} />}
      {refusal && <Refusal message={textFor(refusal)} onRetry={query.refetch} />}
      {isLoading && (typeof loading === 'string' ? <Loading>{loading}</Loading> : loading)}
      {data !== undefined && children(data)}
    </>
  );
}

function Offline() {
  return (
    <Notice heading="You are offline" level={2}>
      <p>You stay signed in. This page goes on as soon as the connection is back.</p>
    </Notice>
  );
}

function Outage({ error }: { error: OutageError }) {
  const heading = error instanceof BusyError ? 'The service is busy' : 'The service is away';
  return (
    <Notice heading={heading} level={2}>
      <p>{error.message} You stay signed in. Trying again…</p>
    </Notice>
  );
}

function Refusal({ message, onRetry }: { message: string; onRetry: () => unknown }) {
  return (
    <Notice heading="That didn’t work" level={2} tone="error">
      <p>{message}</p>
      <Button
        variant="quiet"
        onClick={() => {
          onRetry();
        }}
      >
        Try again
      </Button>
    </Notice>
  );
}
