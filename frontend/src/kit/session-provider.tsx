import { useLogto, type IdTokenClaims } from '@logto/react';
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { useLogtoClient } from './logto-client-context';
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
  const { isLoading, isAuthenticated, getIdTokenClaims, clearAllTokens } = useLogto();
  const client = useLogtoClient();

  const [isRead, setIsRead] = useState(false);
  if (!isLoading && !isRead) setIsRead(true);

  const [claims, setClaims] = useState<IdTokenClaims>();
  const [isEnded, setIsEnded] = useState(false);
  const [isSuspended, setSuspended] = useState(false);
  const [isLeaving, setIsLeaving] = useState(false);

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
    setIsLeaving(true);
    try {
      await client.signOut(home);
    } catch {
      // The identity provider can't be reached. They are signed out of this browser nevertheless.
      window.location.assign(home);
    }
  }, [client]);

  const session = useMemo<Session>(() => {
    if (isLeaving) return { status: 'leaving' };
    if (isEnded) return { status: 'ended' };
    if (!isRead) return { status: 'loading' };
    if (!isAuthenticated) return { status: 'signed-out' };
    if (!claims) return { status: 'loading' };
    return { status: isSuspended ? 'suspended' : 'signed-in', claims };
  }, [isLeaving, isEnded, isRead, isAuthenticated, claims, isSuspended]);

  useOtherTabs(session, endSession);

  const value = useMemo(
    () => ({ session, endSession, setSuspended, signOut: leave }),
    [session, endSession, leave],
  );
  return <SessionContext value={value}>{children}</SessionContext>;
}
