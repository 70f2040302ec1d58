import { lazy, Suspense } from 'react';

// The build knows the condition, and so leaves the devtools out.
const QueryDevtools = import.meta.env.DEV
  ? lazy(() =>
      import('@tanstack/react-query-devtools').then((m) => ({ default: m.ReactQueryDevtools })),
    )
  : undefined;

/** What the query client holds, in development only. */
export function Devtools() {
  return (
    QueryDevtools && (
      <Suspense>
        <QueryDevtools buttonPosition="bottom-left" />
      </Suspense>
    )
  );
}
