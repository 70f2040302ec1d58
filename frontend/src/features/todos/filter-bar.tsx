import { useRef } from 'react';
import { Link } from 'react-router';
import { Button } from '../../components/button';
import styles from './filter-bar.module.css';
import switchStyles from './switch.module.css';
import { maxCount, type Counts } from './todo-pages';
import { filters, type Filter } from './todo-lists';

interface FilterBarProps {
  filter: Filter;
  counts: Counts;
  /** Deletes all that are done; undefined for who may not. */
  onClear: (() => void) | undefined;
  isClearing: boolean;
}

const labels = { all: 'All', open: 'Open', done: 'Done' };

/** Chooses which todos are shown, says how many there are, and clears those that are done. */
export function FilterBar({ filter, counts, onClear, isClearing }: FilterBarProps) {
  const current = useRef<HTMLAnchorElement>(null);
  const numbers = { ...counts, all: counts.open + counts.done };
  return (
    <div className={styles.bar}>
      <nav aria-label="Show" className={switchStyles.switch}>
        {filters.map((name) => (
          <Link
            key={name}
            ref={name === filter ? current : undefined}
            to={{ search: name === 'all' ? '' : `?state=${name}` }}
            aria-current={name === filter ? 'page' : undefined}
          >
            {labels[name]} <span className={styles.count}>{describe(numbers[name])}</span>
          </Link>
        ))}
      </nav>
      {onClear && counts.done > 0 && (
        <Button
          variant="quiet"
          busy={isClearing}
          onClick={() => {
            // The button goes when there is nothing left to clear.
            current.current?.focus();
            onClear();
          }}
        >
          Clear completed
        </Button>
      )}
    </div>
  );
}

function describe(count: number): string {
  return count >= maxCount ? `${String(maxCount)}+` : String(count);
}
