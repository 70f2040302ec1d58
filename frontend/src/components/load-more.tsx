import { useEffect, useRef } from 'react';
import { Button } from './button';
import styles from './load-more.module.css';

interface PagedQuery {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
}

/** The end of a paged list: gets the next page when it comes into view, or when it is pressed. */
export function LoadMore({ query }: { query: PagedQuery }) {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  const end = useRef<HTMLDivElement>(null);
  const isReady = hasNextPage && !isFetchingNextPage && !isFetchNextPageError;

  useEffect(() => {
    if (!isReady || !end.current) return undefined;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) fetchNextPage();
      },
      { rootMargin: '0px 0px 600px' },
    );
    observer.observe(end.current);
    return () => {
      observer.disconnect();
    };
  }, [isReady, fetchNextPage]);

  if (!hasNextPage) return null;
  return (
    <div ref={end} className={styles.more}>
      <Button
        variant="quiet"
        busy={isFetchingNextPage}
        onClick={() => {
          fetchNextPage();
        }}
      >
        {isFetchingNextPage ? 'Loading more…' : 'Show more'}
      </Button>
    </div>
  );
}
