import { QueryResult } from '../../kit';
import { useDecodedAccessToken } from '../api/access-token-query';
import styles from './access-token.module.css';
import { meaningOf } from './claim-meanings';
import { CopyAsCurl } from './copy-as-curl';
import { FactList } from './fact-list';
import { TimeToLive } from './time-to-live';

/** The access token that the API gets, decoded and explained. */
export function AccessToken() {
  const token = useDecodedAccessToken();
  return (
    <QueryResult query={token} loading="Getting an access token…">
      {({ header, payload }) => (
        <>
          <div className={styles.bar}>
            {typeof payload.exp === 'number' && <TimeToLive exp={payload.exp} />}
            <CopyAsCurl path="/users/me" />
          </div>
          <div className={styles.parts}>
            <div>
              <h3>Header</h3>
              <FactList facts={header} explain={meaningOf} />
            </div>
            <div>
              <h3>Claims</h3>
              <FactList facts={payload} explain={meaningOf} />
            </div>
          </div>
        </>
      )}
    </QueryResult>
  );
}
