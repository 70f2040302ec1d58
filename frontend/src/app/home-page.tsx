import { Link } from 'react-router';
import { Button } from '../components/button';
import { Loading } from '../components/loading';
import { Page } from '../components/page';
import { displayName } from '../features/user-info/display-name';
import { SuspendedNotice, useSession, useSignIn } from '../kit';
import { CallPath } from './call-path';
import styles from './home-page.module.css';

export function HomePage() {
  const { session } = useSession();
  switch (session.status) {
    case 'loading':
      return <Loading>Checking who is signed in…</Loading>;
    case 'leaving':
      return <Loading>Signing you out…</Loading>;
    case 'suspended':
      return <SuspendedNotice />;
    case 'signed-in':
      return <Welcome name={displayName(session.claims)} />;
    case 'signed-out':
    case 'ended':
      return <Introduction wasSignedOut={session.status === 'ended'} />;
  }
}

function Introduction({ wasSignedOut }: { wasSignedOut: boolean }) {
  const { start, isLeaving, problem } = useSignIn();
  return (
    <Page
      title="Sign in with Logto, get answers from Encore"
      lead="A working example: people sign in, the page calls a protected API, and the API knows who they are."
    >
      <p role="status" className={styles.ended}>
        {wasSignedOut && 'You were signed out. Sign in again to go on.'}
      </p>
      <div className={styles.actions}>
        <Button
          busy={isLeaving}
          onClick={() => {
            start('/');
          }}
        >
          Sign in
        </Button>
        <span>
          New here?{' '}
          <Button
            variant="link"
            busy={isLeaving}
            onClick={() => {
              start('/', 'register');
            }}
          >
            Create an account
          </Button>
        </span>
      </div>
      <p role="alert" className="problem">
        {problem}
      </p>
      <CallPath />
    </Page>
  );
}

function Welcome({ name }: { name: string }) {
  return (
    <Page title={`Welcome, ${name}`} lead="You are signed in. Where to?">
      <ul className={styles.places}>
        <li>
          <Link to="/protected">Call the API</Link>
          <p>Send your access token to the API and see what it answers.</p>
        </li>
        <li>
          <Link to="/todos">Keep todos</Link>
          <p>Your own list, and those of your organizations.</p>
        </li>
        <li>
          <Link to="/people">Find people</Link>
          <p>Everybody this application knows. It takes a permission.</p>
        </li>
        <li>
          <Link to="/profile">See who you are</Link>
          <p>What Logto says about you, beside your row in the database.</p>
        </li>
      </ul>
      <CallPath />
    </Page>
  );
}
