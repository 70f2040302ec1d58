import type { IdTokenClaims } from '@logto/browser';
import { SignOutButton } from '../../app/sign-out-button';
import styles from './signed-in-here.module.css';

/** The session in this browser: the page doesn't know of others. */
export function SignedInHere({ claims }: { claims: IdTokenClaims }) {
  const confirmed = new Date(claims.iat * 1000);
  return (
    <>
      <div className={styles.here}>
        <div>
          <strong>This browser</strong>
          <p>
            Signed in, last confirmed on{' '}
            <time dateTime={confirmed.toISOString()}>
              {confirmed.toLocaleString(undefined, { dateStyle: 'long', timeStyle: 'short' })}
            </time>
          </p>
        </div>
        <SignOutButton />
      </div>
      <p className={styles.note}>
        Signing out here ends it in all tabs of this browser. Your other browsers and devices stay
        signed in: this page doesn’t know of them, so sign out there as well.
      </p>
    </>
  );
}
