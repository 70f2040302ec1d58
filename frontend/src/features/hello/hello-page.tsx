import { Button } from '../../components/button';
import { Loading } from '../../components/loading';
import { Page } from '../../components/page';
import { useEnv } from '../../config/env-context';
import { QueryNotice } from '../api/query-notice';
import styles from './hello-page.module.css';
import { useHello } from './hello-query';

/** Calls the protected endpoint, and again on demand. */
export function HelloPage() {
  const { apiUrl, apiResource } = useEnv();
  const hello = useHello();

  return (
    <Page
      title="A protected call"
      lead="Only people who are signed in get an answer from this endpoint."
    >
      <section className={styles.call} aria-label="The call">
        <pre className={styles.request}>
          <span className={styles.method}>GET</span> {apiUrl}/api/hello{'\n'}
          Authorization: Bearer <span className={styles.token}>•••</span>
        </pre>
        <div className={styles.answer} aria-live="polite">
          {hello.data ? (
            <>
              <p className={styles.message}>{hello.data.message}</p>
              <p className={styles.time}>
                Answered at {new Date(hello.dataUpdatedAt).toLocaleTimeString()}
              </p>
            </>
          ) : (
            hello.fetchStatus === 'fetching' &&
            hello.failureCount === 0 && <Loading>Calling…</Loading>
          )}
          <QueryNotice query={hello} />
        </div>
      </section>
      <Button
        busy={hello.isFetching}
        onClick={() => {
          void hello.refetch();
        }}
      >
        Call the protected endpoint
      </Button>
      <p className={styles.note}>
        The token is made for <code>{apiResource}</code>. Encore checks who issued it, for whom, and
        until when, before the endpoint runs. The id in the answer is your subject at Logto.
      </p>
    </Page>
  );
}
