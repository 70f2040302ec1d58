import { Card } from '../../components/card';
import { Page } from '../../components/page';
import { QueryResult, useClaims } from '../../kit';
import { useUserInfo } from '../user-info/user-info-query';
import { AccessToken } from './access-token';
import { FactList } from './fact-list';
import { useMe } from './me-query';
import styles from './tokens-page.module.css';

export function TokensPage() {
  const claims = useClaims();
  const userInfo = useUserInfo();
  const me = useMe();

  return (
    <Page title="Tokens" lead="Who you are to Logto, to the API and to the database.">
      <div className={styles.columns}>
        <div className={styles.column}>
          <Card
            heading="Row in the database"
            about={
              <>
                From <code>GET /users/me</code>. Your first call created it.
              </>
            }
          >
            <QueryResult query={me} loading="Loading your row…">
              {(row) => <FactList facts={row} />}
            </QueryResult>
          </Card>
          <Card
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
        </div>
        <Card heading="ID token" about="The claims Logto issued to this page when you signed in.">
          <FactList facts={claims} />
        </Card>
      </div>
      <Card
        heading="Access token"
        about="What the API gets with each call, and all it knows of you before it looks into the database."
      >
        <AccessToken />
      </Card>
    </Page>
  );
}
