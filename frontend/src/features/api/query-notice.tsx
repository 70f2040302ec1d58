import type { UseQueryResult } from '@tanstack/react-query';
import { Button } from '../../components/button';
import { Notice } from '../../components/notice';
import { OutageError, SignedOutError } from './api-error';

/**
 * What stands in the way of a query's answer: nothing, being offline, an outage (the query goes on
 * trying by itself), or a refusal. A session that is over is the guard's to show.
 */
export function QueryNotice({ query }: { query: UseQueryResult }) {
  if (query.fetchStatus === 'paused') {
    return (
      <Notice heading="You are offline" level={2}>
        <p>You stay signed in. This page goes on as soon as the connection is back.</p>
      </Notice>
    );
  }
  if (query.failureReason instanceof OutageError) {
    return (
      <Notice heading="The service is away" level={2}>
        <p>{query.failureReason.message} You stay signed in. Trying again…</p>
      </Notice>
    );
  }
  if (query.error && !(query.error instanceof SignedOutError)) {
    return (
      <Notice heading="That didn’t work" level={2} tone="error">
        <p>{query.error.message}</p>
        <Button
          variant="quiet"
          busy={query.isFetching}
          onClick={() => {
            void query.refetch();
          }}
        >
          Try again
        </Button>
      </Notice>
    );
  }
  return null;
}
