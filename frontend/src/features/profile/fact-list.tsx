import styles from './fact-list.module.css';

/** Names and values, such as the claims of a token or the columns of a row. */
export function FactList({ facts }: { facts: Record<string, unknown> }) {
  return (
    <dl className={styles.facts}>
      {Object.entries(facts).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Value name={name} value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

// OpenID Connect counts these in seconds; Logto's own *_at claims are in milliseconds.
const epochSeconds = new Set(['iat', 'exp', 'nbf', 'auth_time']);

function Value({ name, value }: { name: string; value: unknown }) {
  if (value === null || value === undefined || value === '') {
    return <span className={styles.empty}>not set</span>;
  }
  const time = timeOf(name, value);
  if (time) return <time dateTime={time.toISOString()}>{time.toLocaleString()}</time>;
  if (Array.isArray(value)) return value.length > 0 ? value.join(', ') : 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function timeOf(name: string, value: unknown): Date | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  if (!epochSeconds.has(name) && !name.endsWith('_at')) return undefined;
  const time = new Date(epochSeconds.has(name) ? Number(value) * 1000 : value);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
