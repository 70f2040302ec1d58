import { Page } from '../../components/page';
import { QueryResult } from '../api/query-result';
import { useSession } from '../session/session-context';
import { FactList } from './fact-list';
import { useMe } from './me-query';
import styles from './profile-page.module.css';

/** What Logto says about the person, beside what the application's database holds. */
export function ProfilePage() {
  const { session } = useSession();
  const me = useMe();

  return (
    <Page title="Your profile" lead="Who you are to Logto, and who you are to this application.">
      <div className={styles.columns}>
        <section className={styles.card} aria-labelledby="id-token">
          <h2 id="id-token">ID token</h2>
          <p>The claims Logto issued to this page when you signed in.</p>
          {session.status === 'signed-in' && <FactList facts={session.claims} />}
        </section>
        <section className={styles.card} aria-labelledby="row">
          <h2 id="row">Row in the database</h2>
          <p>
            From <code>GET /users/me</code>. It was created by your first call.
          </p>
          <QueryResult query={me} loading="Loading your row…">
            {(row) => <FactList facts={row} />}
          </QueryResult>
        </section>
      </div>
    </Page>
  );
}
