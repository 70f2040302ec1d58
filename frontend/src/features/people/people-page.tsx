import { useSearchParams } from 'react-router';
import { LoadMore } from '../../components/load-more';
import { Page } from '../../components/page';
import { Skeleton } from '../../components/skeleton';
import { MissingScopeError, QueryResult } from '../../kit';
import styles from './people-page.module.css';
import { usePeople } from './people-query';
import { Person } from './person';
import { useDebounced } from './use-debounced';

const maxSearch = 128;

export function PeoplePage() {
  const [params, setParams] = useSearchParams();
  const search = params.get('search')?.slice(0, maxSearch) ?? '';
  const people = usePeople(useDebounced(search, 250));

  return (
    <Page title="People" lead="Everyone who uses this app.">
      <section className={styles.people} aria-label="People" aria-busy={people.isFetching}>
        {!(people.error instanceof MissingScopeError) && (
          <label className={styles.search}>
            <span>Name or e-mail begins with</span>
            <input
              className="field"
              type="search"
              value={search}
              maxLength={maxSearch}
              onChange={({ target: { value } }) => {
                setParams(value ? { search: value } : {}, { replace: true });
              }}
              autoComplete="off"
              spellCheck={false}
              dir="auto"
            />
          </label>
        )}
        <QueryResult query={people} loading={<Skeleton rows={8} label="Loading people…" />}>
          {({ pages }) => {
            const users = pages.flatMap((page) => page.users);
            return (
              <>
                <p role="status" className={styles.count}>
                  {count(users.length, people.hasNextPage, search !== '')}
                </p>
                <ul className={styles.list}>
                  {users.map((user) => (
                    <Person key={user.id} user={user} />
                  ))}
                </ul>
                <LoadMore query={people} />
              </>
            );
          }}
        </QueryResult>
      </section>
    </Page>
  );
}

function count(shown: number, hasMore: boolean, searched: boolean): string {
  if (shown === 0) return 'Nobody found.';
  const people = shown === 1 ? '1 person' : `${String(shown)} people`;
  if (!hasMore) return people;
  return `The ${searched ? 'first' : 'newest'} ${people}`;
}
