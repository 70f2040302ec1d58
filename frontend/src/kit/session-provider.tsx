import type LogtoClient from '@logto/browser';
import { BrowserStorage, PersistKey, type IdTokenClaims } from '@logto/browser';
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { useKit } from './kit-context';
import { SessionContext, type Session } from './session-context';

/** Keeps the one {@link Session} of this tab. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const { client } = useKit();
  const [session, setSession] = useState<Session>({ status: 'loading' });

  const endSession = useCallback(() => {
    setSession((now) => (now.status === 'leaving' ? now : { status: 'ended' }));
    void client.clearAllTokens();
  }, [client]);

  const settle = useCallback((claims: IdTokenClaims | undefined) => {
    setSession((now) => {
      if (now.status === 'ended' || now.status === 'leaving') return now;
      return claims ? { status: 'signed-in', claims } : { status: 'signed-out' };
    });
  }, []);

  useEffect(() => {
    // An ID token that can't be read is as good as none.
    readClaims(client).then(settle, endSession);
  }, [client, settle, endSession]);

  useOtherTabs(session, endSession);

  const signOut = useCallback(async () => {
    const home = `${window.location.origin}/`;
    setSession({ status: 'leaving' });
    // If the identity provider can't be reached they are signed out of this browser nevertheless.
    await client.signOut(home).catch(() => {
      window.location.assign(home);
    });
  }, [client]);

  const setSuspended = useCallback((isSuspended: boolean) => {
    const status = isSuspended ? 'suspended' : 'signed-in';
    setSession((now) => ('claims' in now ? { status, claims: now.claims } : now));
  }, []);

  const finishSignIn = useCallback(async () => {
    const { href } = window.location;
    if (!(await client.isSignInRedirected(href))) return false;
    await client.handleSignInCallback(href);
    settle(await readClaims(client));
    return true;
  }, [client, settle]);

  const value = useMemo(
    () => ({ session, signOut, endSession, setSuspended, finishSignIn }),
    [session, signOut, endSession, setSuspended, finishSignIn],
  );
  return <SessionContext value={value}>{children}</SessionContext>;
}

async function readClaims(client: LogtoClient): Promise<IdTokenClaims | undefined> {
  return (await client.isAuthenticated()) ? client.getIdTokenClaims() : undefined;
}

/**
 * Signing out in another tab ends the session here. When another person has signed in there this tab
 * starts anew, since the SDK still holds the first one's access tokens in memory.
 */
function useOtherTabs(session: Session, endSession: () => void): void {
  const { client, config } = useKit();
  const subject = 'claims' in session ? session.claims.sub : undefined;

  useEffect(() => {
    const idTokenKey = new BrowserStorage(config.logtoAppId).getKey(PersistKey.IdToken);
    const follow = async () => {
      const claims = await client.getIdTokenClaims();
      if (claims.sub !== subject) window.location.reload();
    };
    // The event is about changes by other tabs. Its key is null when all was cleared at once.
    const onStorage = ({ key, newValue }: StorageEvent) => {
      if (key !== idTokenKey && key !== null) return;
      // What can’t be read is gone again.
      if (newValue !== null) follow().catch(() => undefined);
      else if (subject !== undefined) endSession();
    };
    window.addEventListener('storage', onStorage);
    return () => {
      window.removeEventListener('storage', onStorage);
    };
  }, [config, client, subject, endSession]);
}
