import type { User } from '../api/schema';
import styles from './person.module.css';

export function Person({ user }: { user: User }) {
  const name = user.name ?? user.username ?? user.email ?? user.logto_id;
  return (
    <li className={styles.person}>
      <span className={styles.avatar} aria-hidden="true">
        {Array.from(name)[0]?.toUpperCase()}
      </span>
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
  if (at === null) return 'Never called';
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
