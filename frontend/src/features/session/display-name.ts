import type { IdTokenClaims } from '@logto/react';

/** What to call the person. Every claim but the subject may be absent, null or empty. */
export function displayName({ name, username, email, sub }: IdTokenClaims): string {
  return [name, username, email].find((candidate) => candidate?.trim()) ?? sub;
}
