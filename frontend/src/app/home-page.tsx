import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { Button } from '../components/button';
import { Loading } from '../components/loading';
import { Notice } from '../components/notice';
import { Page } from '../components/page';
import { forgetDeletion, wasDataDeleted } from '../features/account/deletion';
import { useFeatures } from '../features/feature';
import { displayName } from '../features/user-info/display-name';
import { SuspendedNotice, useSession, useSignIn } from '../kit';
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
  const introductions = useFeatures().map(({ introduction }) => introduction);
  const { title, lead, picture } = introductions.find(Boolean) ?? ownIntroduction;
  return (
    <>
      <DataDeleted />
      <div className={styles.introduction}>
        <Page title={title} lead={lead}>
          <p role="status" className={styles.ended}>
            {wasSignedOut && 'You were signed out. Sign in again to go on.'}
          </p>
          <Button
            busy={isLeaving}
            onClick={() => {
              start('/', 'register');
            }}
          >
            Create an account
          </Button>
          <p role="alert" className="problem">
            {problem}
          </p>
        </Page>
        {picture}
      </div>
      <p className={styles.developers}>
        Are you a developer? <Link to="/under-the-hood">See how it works</Link>
      </p>
    </>
  );
}

const ownIntroduction = {
  title: 'Sign in to get started',
  lead: 'See your organizations, and the people who use this app.',
  picture: undefined,
};

/** Tells people who have just deleted their data, and so were signed out. */
function DataDeleted() {
  const [isNew] = useState(wasDataDeleted);
  useEffect(forgetDeletion, []);
  if (!isNew) return null;
  return (
    <div className={styles.notice}>
      <Notice heading="Your data is deleted" level={2}>
        <p>
          This app has deleted your record and everything that was yours alone, and you are signed
          out. Your sign-in account still exists: sign in with it, and you start from scratch.
        </p>
      </Notice>
    </div>
  );
}

function Welcome({ name }: { name: string }) {
  const features = useFeatures();
  return (
    <Page title={`Welcome, ${name}`} lead="What would you like to do?">
      <ul className={styles.places}>
        {[...features.map(({ place }) => place), account].map(({ to, action, about }) => (
          <li key={to}>
            <Link to={to}>{action}</Link>
            <p>{about}</p>
          </li>
        ))}
      </ul>
    </Page>
  );
}

const account = {
  to: '/account',
  action: 'Look after your account',
  about: 'Your name and picture, where you are signed in, and your data.',
};
