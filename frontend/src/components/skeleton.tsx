import styles from './skeleton.module.css';

/** The shape of a list while it loads, so that nothing jumps. */
export function Skeleton({ rows, label }: { rows: number; label: string }) {
  return (
    <div role="status" className={styles.skeleton}>
      <span className="visually-hidden">{label}</span>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} className={styles.row} />
      ))}
    </div>
  );
}
