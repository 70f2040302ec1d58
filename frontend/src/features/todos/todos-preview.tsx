import styles from './todos-preview.module.css';

const todos = [
  { text: 'Book the train to Lyon', done: false },
  { text: 'Water the plants', done: true },
  { text: 'Write to Carol', done: false },
];

/** A picture of a list, for people who aren't signed in. */
export function TodosPreview() {
  return (
    <div
      role="img"
      aria-label="A list of three todos, one of them done, with a switch between your own list and that of an organization"
      className={styles.preview}
    >
      <div className={styles.switch}>
        <span className={styles.current}>Mine</span>
        <span>acme</span>
      </div>
      <div className={styles.field}>What is there to do?</div>
      {todos.map(({ text, done }) => (
        <div key={text} className={[styles.todo, done && styles.done].join(' ')}>
          <svg viewBox="0 0 24 24">
            <rect x="3.5" y="3.5" width="17" height="17" rx="4" />
            {done && <path d="M8 12.5l2.7 2.7L16 9.5" />}
          </svg>
          {text}
        </div>
      ))}
    </div>
  );
}
