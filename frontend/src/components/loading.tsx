import type { ReactNode } from 'react';

/** Says what is loading. Shown only after a moment. */
export function Loading({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="loading">
      {children}
    </p>
  );
}
