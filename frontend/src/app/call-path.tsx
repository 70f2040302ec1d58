import { useEnv } from '../config/env-context';
import styles from './call-path.module.css';

/** The way a signed-in call takes, with the addresses this page is configured for. */
export function CallPath() {
  const { logtoEndpoint, apiUrl, apiResource } = useEnv();
  return (
    <section className={styles.section} aria-labelledby="call-path">
      <h2 id="call-path">How a call travels</h2>
      <ol className={styles.steps}>
        <li>
          <h3>Logto signs you in</h3>
          <p>This page never sees your password. It gets tokens.</p>
          <code>{logtoEndpoint}</code>
        </li>
        <li>
          <h3>The page asks</h3>
          <p>It sends an access token that is made for this API alone.</p>
          <code>{apiResource}</code>
        </li>
        <li>
          <h3>Encore verifies</h3>
          <p>Signature, issuer, audience and expiry, before the endpoint runs.</p>
          <code>{apiUrl}</code>
        </li>
        <li>
          <h3>Postgres remembers</h3>
          <p>Your first call creates your row. Everything you own hangs on it.</p>
          <code>GET /users/me</code>
        </li>
      </ol>
    </section>
  );
}
