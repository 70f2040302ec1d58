import { Button } from '../../components/button';
import { Page } from '../../components/page';
import { useEnv } from '../../config/env-context';
import { QueryResult } from '../../kit';
import styles from './call-page.module.css';
import { useHello } from './hello-query';

/** Calls an endpoint that needs a token, and again on demand. */
export function CallPage() {
  const { apiUrl, apiResource } = useEnv();
  const hello = useHello();

  return (
    <Page title="Call the API" lead="This endpoint answers only those who are signed in.">
      <section className={styles.call} aria-label="The call">
        <pre className={styles.request}>
          <span className={styles.method}>GET</span> {apiUrl}/api/hello{'\n'}
          Authorization: Bearer <span className={styles.token}>•••</span>
        </pre>
        <div className={styles.answer}>
          <QueryResult query={hello} loading="Calling…">
            {({ message }) => (
              <div aria-live="polite">
                <p className={styles.message}>{message}</p>
                <p className={styles.time}>
                  Answered at {new Date(hello.dataUpdatedAt).toLocaleTimeString()}
                </p>
              </div>
            )}
          </QueryResult>
        </div>
      </section>
      <Button
        busy={hello.isFetching}
        onClick={() => {
          void hello.refetch();
        }}
      >
        Call again
      </Button>
      <p className={styles.note}>
        The token is made for <code>{apiResource}</code>. Encore checks who issued it, for whom, and
        until when, before the endpoint runs. The id in the answer is your subject at Logto.
      </p>
    </Page>
  );
}
