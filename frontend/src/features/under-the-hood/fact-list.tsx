import styles from './fact-list.module.css';

interface FactListProps {
  facts: Record<string, unknown>;
  /** What each of them means, by name. Without it nothing is explained. */
  explain?: (name: string) => string;
}

/** Names and values, such as the claims of a token or the columns of a row. */
export function FactList({ facts, explain }: FactListProps) {
  return (
    <dl className={styles.facts}>
      {Object.entries(facts).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Value name={name} value={value} />
            {explain && <p className={styles.meaning}>{explain(name)}</p>}
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
  if (Array.isArray(value)) return value.length > 0 ? value.map(text).join(', ') : 'none';
  return <span dir="auto">{text(value)}</span>;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function timeOf(name: string, value: unknown): Date | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  if (!epochSeconds.has(name) && !name.endsWith('_at')) return undefined;
  const time = new Date(epochSeconds.has(name) ? Number(value) * 1000 : value);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
