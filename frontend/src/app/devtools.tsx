import { lazy, Suspense } from 'react';

// A production build leaves the devtools out.
const QueryDevtools = import.meta.env.DEV
  ? lazy(() =>
      import('@tanstack/react-query-devtools').then((m) => ({ default: m.ReactQueryDevtools })),
    )
  : undefined;

export function Devtools() {
  return (
    QueryDevtools && (
      <Suspense>
        <QueryDevtools buttonPosition="bottom-left" />
      </Suspense>
    )
  );
}
