/** A token with these claims and no valid signature. */
export function aJwt(payload: Record<string, unknown>): string {
  const encode = (part: unknown) =>
    btoa(JSON.stringify(part)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  return [encode({ alg: 'ES384', typ: 'at+jwt', kid: 'k' }), encode(payload), 'none'].join('.');
}
