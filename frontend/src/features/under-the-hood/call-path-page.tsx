import { Link } from 'react-router';
import { Page } from '../../components/page';
import { useEnv } from '../../config/env-context';
import styles from './call-path-page.module.css';

/** The way a signed-in call takes, with the addresses this page is configured for. */
export function CallPathPage() {
  const { logtoEndpoint, apiUrl, apiResource } = useEnv();
  return (
    <Page
      title="Under the hood"
      lead="For developers: what happens between a click on this page and a row in the database."
    >
      <ol className={styles.steps}>
        <li>
          <h2>Logto signs you in</h2>
          <p>This page never sees your password. It gets tokens.</p>
          <code>{logtoEndpoint}</code>
        </li>
        <li>
          <h2>The page calls the API</h2>
          <p>It sends an access token that is made for this API alone.</p>
          <code>{apiResource}</code>
        </li>
        <li>
          <h2>Encore checks the token</h2>
          <p>Signature, issuer, audience and expiry, before the endpoint runs.</p>
          <code>{apiUrl}</code>
        </li>
        <li>
          <h2>Postgres knows you</h2>
          <p>Your first call creates your row. Everything you own belongs to it.</p>
          <code>GET /users/me</code>
        </li>
      </ol>
      <p className={styles.next}>
        Try it: <Link to="/under-the-hood/call">call the API</Link>, and look into{' '}
        <Link to="/under-the-hood/tokens">your tokens</Link>. You have to be signed in for that.
      </p>
    </Page>
  );
}
