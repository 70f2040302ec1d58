import type { IdTokenClaims } from '@logto/browser';
import { displayName } from '../features/user-info/display-name';
import { useSession } from '../kit';
import styles from './session-menu.module.css';
import { SignOutButton } from './sign-out-button';

/** The header's corner: who is signed in, and the way out. Its size is the same in every state. */
export function SessionMenu() {
  const { session } = useSession();
  return (
    <div className={styles.menu}>
      {'claims' in session && <SignedIn claims={session.claims} />}
      {(session.status === 'signed-out' || session.status === 'ended') && 'Not signed in'}
    </div>
  );
}

function SignedIn({ claims }: { claims: IdTokenClaims }) {
  const name = displayName(claims);
  return (
    <>
      <span className={styles.avatar} aria-hidden="true">
        {Array.from(name)[0]?.toUpperCase()}
      </span>
      <span className={styles.person} title={name}>
        <span className="visually-hidden">Signed in as </span>
        {name}
      </span>
      <SignOutButton />
    </>
  );
}
