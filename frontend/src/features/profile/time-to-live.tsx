import styles from './time-to-live.module.css';
import { useNow } from './use-now';

/** How long a token is still good for. `exp` is in seconds since 1970. */
export function TimeToLive({ exp }: { exp: number }) {
  const seconds = Math.max(0, exp - Math.floor(useNow(1000) / 1000));
  return (
    <p role="timer" className={styles.left}>
      {seconds > 0 ? `Good for ${duration(seconds)}` : 'Expired. Getting a new one…'}
    </p>
  );
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${minutes > 0 ? `${String(minutes)} min ` : ''}${String(seconds % 60)} s`;
}
