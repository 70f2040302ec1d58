import type { IdTokenClaims, UserInfoResponse } from '@logto/browser';
import { vi } from 'vitest';

const claims: IdTokenClaims = {
  iss: 'https://id.example/oidc',
  sub: 'alice0000001',
  aud: 'app',
  exp: 1_800_000_000,
  iat: 1_799_996_400,
  name: 'Alice Example',
};

/**
 * A client to stand in for the one that talks to Logto, below the SDK's own provider and hooks: with
 * a session when `signedIn`, and with calls that can be made to fail one by one.
 */
export function fakeLogto({ signedIn, ...more }: { signedIn: boolean } & Partial<IdTokenClaims>) {
  let hasSession = signedIn;
  const client = {
    isAuthenticated: vi.fn(() => Promise.resolve(hasSession)),
    isSignInRedirected: vi.fn(() => Promise.resolve(false)),
    handleSignInCallback: vi.fn<(url: string) => Promise<void>>(() => {
      hasSession = true;
      return Promise.resolve();
    }),
    signIn: vi.fn<(options: unknown) => Promise<void>>(() => Promise.resolve()),
    signOut: vi.fn<(postLogoutRedirectUri: string) => Promise<void>>(() => {
      hasSession = false;
      return Promise.resolve();
    }),
    clearAllTokens: vi.fn(() => {
      hasSession = false;
      return Promise.resolve();
    }),
    getAccessToken: vi.fn<(resource?: string, organizationId?: string) => Promise<string>>(
      (_resource, organizationId) =>
        Promise.resolve(organizationId ? `access-token-of-${organizationId}` : 'access-token'),
    ),
    getIdToken: vi.fn<() => Promise<string | null>>(() =>
      Promise.resolve(hasSession ? 'id-token' : null),
    ),
    getIdTokenClaims: vi.fn(() => Promise.resolve({ ...claims, ...more })),
    getRefreshToken: vi.fn(),
    getAccessTokenClaims: vi.fn(),
    getOrganizationToken: vi.fn(),
    getOrganizationTokenClaims: vi.fn(),
    fetchUserInfo: vi.fn<() => Promise<UserInfoResponse>>(() =>
      Promise.resolve({ ...claims, ...more }),
    ),
    clearAccessToken: vi.fn(() => Promise.resolve()),
  };
  return { client };
}

export type FakeLogto = ReturnType<typeof fakeLogto>;
