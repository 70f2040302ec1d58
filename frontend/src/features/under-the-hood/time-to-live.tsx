import styles from './time-to-live.module.css';
import { useNow } from './use-now';

/** How long a token is still valid. `exp` is in seconds since 1970. */
export function TimeToLive({ exp }: { exp: number }) {
  const seconds = exp - Math.floor(useNow(1000) / 1000);
  return (
    <p role="timer" className={styles.left}>
      {seconds > 0 ? `Good for ${duration(seconds)}` : expired(-seconds)}
    </p>
  );
}

/** The SDK replaces a token within a minute. If it is older, the device's clock is wrong. */
function expired(secondsAgo: number): string {
  return secondsAgo < 60
    ? 'Expired. Getting a new one…'
    : 'The clock of this device is wrong: by it, this token has expired.';
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${minutes > 0 ? `${String(minutes)} min ` : ''}${String(seconds % 60)} s`;
}
