import { Avatar } from '../../components/avatar';
import type { User } from '../api/schema';
import styles from './person.module.css';

export function Person({ user }: { user: User }) {
  const name = user.name ?? user.username ?? user.email ?? user.logto_id;
  return (
    <li className={styles.person}>
      <Avatar name={name} picture={user.picture} />
      <span className={styles.who}>
        <strong dir="auto">{name}</strong>
        <span dir="auto">{user.email ?? user.logto_id}</span>
      </span>
      <span className={styles.seen}>
        {user.suspended ? (
          <span className={styles.suspended}>Suspended</span>
        ) : (
          <LastSeen at={user.last_seen_at} />
        )}
      </span>
    </li>
  );
}

function LastSeen({ at }: { at: string | null }) {
  if (at === null) return 'Not seen yet';
  const time = new Date(at);
  return (
    <>
      Last seen{' '}
      <time dateTime={at}>
        {time.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}
      </time>
    </>
  );
}
