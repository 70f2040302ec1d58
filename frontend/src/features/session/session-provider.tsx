import { useLogto, type IdTokenClaims } from '@logto/react';
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { SessionContext, type Session } from './session-context';
import { useOtherTabs } from './use-other-tabs';

/**
 * Turns the SDK's flags into one {@link Session}. Must stand inside a LogtoProvider.
 *
 * The SDK's `isLoading` is true during every call of its methods, a token request included, and
 * stays true after a sign-in that failed. It says something about the session only until it is
 * first false; from then on it is ignored, so that pages stay mounted while tokens are fetched.
 */
export function SessionProvider({ children }: { children: ReactNode }) {
  const { isLoading, isAuthenticated, getIdTokenClaims, getIdToken, clearAllTokens, signOut } =
    useLogto();

  const [isRead, setIsRead] = useState(false);
  if (!isLoading && !isRead) setIsRead(true);

  const [claims, setClaims] = useState<IdTokenClaims>();
  const [isEnded, setIsEnded] = useState(false);
  const [isSuspended, setSuspended] = useState(false);

  const endSession = useCallback(() => {
    setIsEnded(true);
    void clearAllTokens();
  }, [clearAllTokens]);

  useEffect(() => {
    if (!isAuthenticated) return;
    void getIdTokenClaims().then((decoded) => {
      if (decoded) setClaims(decoded);
      else endSession();
    });
  }, [isAuthenticated, getIdTokenClaims, endSession]);

  const leave = useCallback(async () => {
    const home = `${window.location.origin}/`;
    await signOut(home);
    // The SDK clears the tokens last. If they are still there the identity provider could not be
    // reached, and the person still wants to be signed out of this browser.
    if (await getIdToken()) {
      await clearAllTokens();
      window.location.assign(home);
    }
  }, [signOut, getIdToken, clearAllTokens]);

  const session = useMemo<Session>(() => {
    if (isEnded) return { status: 'ended' };
    if (!isRead) return { status: 'loading' };
    if (!isAuthenticated) return { status: 'signed-out' };
    if (!claims) return { status: 'loading' };
    return { status: isSuspended ? 'suspended' : 'signed-in', claims };
  }, [isEnded, isRead, isAuthenticated, claims, isSuspended]);

  useOtherTabs(session, endSession);

  const value = useMemo(
    () => ({ session, endSession, setSuspended, signOut: leave }),
    [session, endSession, leave],
  );
  return <SessionContext value={value}>{children}</SessionContext>;
}
