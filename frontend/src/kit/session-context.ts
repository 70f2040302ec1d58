import type { IdTokenClaims } from '@logto/browser';
import { createContext, use } from 'react';

/**
 * Who is using this tab.
 *
 * - `loading`: the stored session has not been read yet; nobody may be sent anywhere.
 * - `suspended`: signed in, but locked out by the API until somebody lifts the suspension.
 * - `ended`: there was a session, and it is no longer accepted or was closed in another tab. Only
 *   the person decides whether to sign in again, so that this can't become a loop.
 * - `leaving`: the person has signed out, and the browser is about to leave the page.
 */
export type Session =
  | { status: 'loading' | 'signed-out' | 'ended' | 'leaving' }
  | { status: 'signed-in' | 'suspended'; claims: IdTokenClaims };

interface SessionContextValue {
  session: Session;
  /** Signs out here and at the identity provider. Leaves the page. */
  signOut: () => Promise<void>;
  /** Drops the session in this browser, because a service no longer accepts it. */
  endSession: () => void;
  /** Notes that the API locks the person out, or that they want to try again. */
  setSuspended: (isSuspended: boolean) => void;
  /** Exchanges the code in the page's address. Resolves to false when no sign-in was started here. */
  finishSignIn: () => Promise<boolean>;
}

export const SessionContext = createContext<SessionContextValue | undefined>(undefined);

export function useSession(): SessionContextValue {
  const value = use(SessionContext);
  if (!value) throw new Error('useSession needs a <KitProvider> above it.');
  return value;
}

/** The ID token's claims of the person who is signed in. For pages behind the guard. */
export function useClaims(): IdTokenClaims {
  const { session } = useSession();
  if (session.status !== 'signed-in') throw new Error('useClaims needs a <RequireSession> above.');
  return session.claims;
}
