import type { Env } from './env';

/**
 * The headers every answer of the page's server should have. The policy allows what the application
 * does and nothing else: its own scripts and styles, calls to Logto and to the API, and avatars.
 */
export function securityHeaders({
  logtoEndpoint,
  apiUrl,
  avatarOrigin,
}: Env): Record<string, string> {
  const origins = new Set([logtoEndpoint, apiUrl].map((url) => new URL(url).origin));
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src ${["'self'", avatarOrigin].filter(Boolean).join(' ')}`,
    `connect-src 'self' ${[...origins].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
    'Referrer-Policy': 'no-referrer',
    // Browsers ignore it on plain HTTP, as on this machine.
    'Strict-Transport-Security': 'max-age=31536000',
    'X-Content-Type-Options': 'nosniff',
  };
}
