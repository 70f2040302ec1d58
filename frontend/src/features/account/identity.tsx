import type { IdTokenClaims } from '@logto/browser';
import { Avatar } from '../../components/avatar';
import { displayName } from '../user-info/display-name';
import styles from './identity.module.css';

/** The person's picture, name and contact details. */
export function Identity({ claims }: { claims: IdTokenClaims }) {
  const name = displayName(claims);
  const facts = [
    ['Username', claims.username],
    ['E-mail', claims.email],
    ['Phone', claims.phone_number],
  ];
  return (
    <div className={styles.identity}>
      <Avatar name={name} picture={claims.picture} size="large" />
      <div className={styles.text}>
        <p className={styles.name} dir="auto">
          {name}
        </p>
        <dl className={styles.facts}>
          {facts.map(
            ([label, value]) =>
              value && (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{value}</dd>
                </div>
              ),
          )}
        </dl>
      </div>
    </div>
  );
}
