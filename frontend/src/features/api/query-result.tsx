import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from '../../components/button';
import { Loading } from '../../components/loading';
import { Notice } from '../../components/notice';
import { OutageError, SignedOutError } from './api-error';

interface QueryResultProps<T> {
  query: UseQueryResult<T>;
  loading: string;
  children: (data: T) => ReactNode;
}

/** A query's answer, or what stands in its way. */
export function QueryResult<T>({ query, loading, children }: QueryResultProps<T>) {
  const { data, error, failureReason, fetchStatus } = query;

  // The guard takes the page away when the session is over.
  if (error instanceof SignedOutError) return null;
  if (error && fetchStatus === 'idle') return <Refusal query={query} message={error.message} />;

  const isWaiting = fetchStatus === 'paused' || failureReason instanceof OutageError;
  return (
    <>
      {fetchStatus === 'paused' ? (
        <Notice heading="You are offline" level={2}>
          <p>You stay signed in. This page goes on as soon as the connection is back.</p>
        </Notice>
      ) : (
        failureReason instanceof OutageError && (
          <Notice heading="The service is away" level={2}>
            <p>{failureReason.message} You stay signed in. Trying again…</p>
          </Notice>
        )
      )}
      {data === undefined ? !isWaiting && <Loading>{loading}</Loading> : children(data)}
    </>
  );
}

function Refusal({ query, message }: { query: UseQueryResult; message: string }) {
  return (
    <Notice heading="That didn’t work" level={2} tone="error">
      <p>{message}</p>
      <Button
        variant="quiet"
        onClick={() => {
          void query.refetch();
        }}
      >
        Try again
      </Button>
    </Notice>
  );
}
