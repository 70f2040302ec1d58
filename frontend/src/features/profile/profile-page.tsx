import type { ReactNode } from 'react';
import { Page } from '../../components/page';
import { QueryResult, useClaims } from '../../kit';
import { useUserInfo } from '../user-info/user-info-query';
import { AccessToken } from './access-token';
import { FactList } from './fact-list';
import { ForgetMe } from './forget-me';
import { useMe } from './me-query';
import styles from './profile-page.module.css';

/** What Logto says about the person, what the database holds, and what the API gets to see. */
export function ProfilePage() {
  const claims = useClaims();
  const userInfo = useUserInfo();
  const me = useMe();

  return (
    <Page title="Your profile" lead="Who you are to Logto, and who you are to this application.">
      <div className={styles.columns}>
        <div className={styles.column}>
          {' '}
          <Card
            id="row"
            heading="Row in the database"
            about={
              <>
                From <code>GET /users/me</code>. It was created by your first call.
              </>
            }
          >
            <QueryResult query={me} loading="Loading your row…">
              {(row) => <FactList facts={row} />}
            </QueryResult>
          </Card>
          <Card
            id="userinfo"
            heading="Userinfo"
            about={
              <>
                From <code>GET /oidc/me</code>: what Logto knows about you now.
              </>
            }
          >
            <QueryResult query={userInfo} loading="Asking Logto…">
              {(facts) => <FactList facts={facts} />}
            </QueryResult>
          </Card>
        </div>{' '}
        <Card
          id="id-token"
          heading="ID token"
          about="The claims Logto issued to this page when you signed in."
        >
          <FactList facts={claims} />
        </Card>
      </div>
      <Card
        id="access-token"
        heading="Access token"
        about="What the API gets with each call, and all it knows of you before it looks into the database."
      >
        <AccessToken />
      </Card>
      <Card id="forget" heading="Leave" about="The application forgets you, and all you own in it.">
        <ForgetMe />
      </Card>
    </Page>
  );
}

interface CardProps {
  id: string;
  heading: string;
  about: ReactNode;
  children: ReactNode;
}

function Card({ id, heading, about, children }: CardProps) {
  return (
    <section className={styles.card} aria-labelledby={id}>
      <h2 id={id}>{heading}</h2>
      <p>{about}</p>
      {children}
    </section>
  );
}
