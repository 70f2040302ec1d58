import type { ReactNode } from 'react';

/** Says what is being waited for. Shown only when the wait is long enough to notice. */
export function Loading({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="loading">
      {children}
    </p>
  );
}
