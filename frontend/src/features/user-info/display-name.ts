import type { IdTokenClaims } from '@logto/browser';

/** What to call the person. Every claim but the subject may be absent, null, empty or anything. */
export function displayName({ name, username, email, sub }: IdTokenClaims): string {
  return [name, username, email].find(isText) ?? sub;
}

function isText(claim: unknown): claim is string {
  return typeof claim === 'string' && claim.trim() !== '';
}
