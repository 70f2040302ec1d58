import { Card } from '../../components/card';
import { Page } from '../../components/page';
import { useClaims } from '../../kit';
import { DeleteMyData } from './delete-my-data';
import { Identity } from './identity';
import { SignedInHere } from './signed-in-here';
import styles from './account-page.module.css';

export function AccountPage() {
  const claims = useClaims();
  return (
    <Page title="Account" lead="Who you are here, where you are signed in, and your data.">
      <Card heading="You">
        <Identity claims={claims} />
        <p className={styles.note}>
          This comes from the account you sign in with. Changes there show here the next time you
          sign in.
        </p>
      </Card>
      <Card heading="Where you are signed in">
        <SignedInHere claims={claims} />
      </Card>
      <Card heading="Your data" about="You can delete what this app keeps about you, at any time.">
        <ul className={styles.list}>
          <li>Deleted for good: your record here, and everything that is yours alone.</li>
          <li>Kept: what you added to organizations, without your name.</li>
          <li>Kept: the account you sign in with. Sign in again, and you start from scratch.</li>
        </ul>
        <DeleteMyData />
      </Card>
    </Page>
  );
}
