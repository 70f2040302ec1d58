import * as z from 'zod/mini';

const object = z.record(z.string(), z.unknown());

export interface DecodedJwt {
  header: Record<string, unknown>;
  payload: Record<string, unknown>;
}

/**
 * Reads a JSON Web Token (RFC 7519) without verifying it: to show it, never to trust it.
 *
 * @throws {Error} when it isn't one.
 */
export function decodeJwt(token: string): DecodedJwt {
  const [header = '', payload = ''] = token.split('.');
  return { header: decodePart(header), payload: decodePart(payload) };
}

function decodePart(part: string): Record<string, unknown> {
  const base64 = part.replace(/-/g, '+').replace(/_/g, '/');
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return object.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

/** The permissions in an access token: the `scope` claim is a list with spaces (RFC 8693, section 4.2). */
export function scopesOf({ payload }: DecodedJwt): string[] {
  return typeof payload.scope === 'string' ? payload.scope.split(' ').filter(Boolean) : [];
}
