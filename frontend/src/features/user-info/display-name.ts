import type { IdTokenClaims } from '@logto/browser';

/** The person's name. Every claim but the subject may be missing or of any type. */
export function displayName({ name, username, email, sub }: IdTokenClaims): string {
  return [name, username, email].find(isText) ?? sub;
}

function isText(claim: unknown): claim is string {
  return typeof claim === 'string' && claim.trim() !== '';
}
