import type LogtoClient from '@logto/browser';
import { BrowserStorage, PersistKey, type IdTokenClaims } from '@logto/browser';
import { createContext, use, useEffect, useMemo, useState } from 'react';
import type { Dispatch, ReactNode, SetStateAction } from 'react';
import { useKit } from './kit-context';

/**
 * Who is using this tab. `loading`: the stored session isn't read yet. `suspended`: signed in, but
 * the API locks them out. `ended`: the session is no longer accepted, or was closed in another tab;
 * only the person starts another, so that this can't become a loop. `leaving`: signed out, and the
 * browser is about to leave the page.
 */
export type Session =
  | { status: 'loading' | 'signed-out' | 'ended' | 'leaving' }
  | { status: 'signed-in' | 'suspended'; claims: IdTokenClaims };

type SessionContextValue = ReturnType<typeof actionsOf> & { session: Session };

const SessionContext = createContext<SessionContextValue | undefined>(undefined);

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

/** Keeps the one {@link Session} of this tab. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const { client } = useKit();
  const [session, setSession] = useState<Session>({ status: 'loading' });
  const actions = useMemo(() => actionsOf(client, setSession), [client]);
  const value = useMemo(() => ({ session, ...actions }), [session, actions]);

  useEffect(() => {
    // An ID token that can't be read is as good as none.
    actions.readSession().catch(actions.endSession);
  }, [actions]);
  useOtherTabs(session, actions.endSession);

  return <SessionContext value={value}>{children}</SessionContext>;
}

function actionsOf(client: LogtoClient, setSession: Dispatch<SetStateAction<Session>>) {
  const readSession = async () => {
    const claims = (await client.isAuthenticated()) && (await client.getIdTokenClaims());
    setSession((now) => {
      if (now.status === 'ended' || now.status === 'leaving') return now;
      return claims ? { status: 'signed-in', claims } : { status: 'signed-out' };
    });
  };
  return {
    readSession,
    /** Exchanges the code in the address. Resolves to false when no sign-in was started here. */
    finishSignIn: async () => {
      const { href } = window.location;
      if (!(await client.isSignInRedirected(href))) return false;
      await client.handleSignInCallback(href);
      await readSession();
      return true;
    },
    /** Signs out here and at the identity provider. Leaves the page. */
    signOut: async () => {
      const home = `${window.location.origin}/`;
      setSession({ status: 'leaving' });
      // If the identity provider can't be reached they are signed out of this browser nevertheless.
      await client.signOut(home).catch(() => {
        window.location.assign(home);
      });
    },
    /** Drops the session in this browser, because a service no longer accepts it. */
    endSession: () => {
      setSession((now) => (now.status === 'leaving' ? now : { status: 'ended' }));
      void client.clearAllTokens();
    },
    /** Notes that the API locks the person out, or that they want to try again. */
    setSuspended: (isSuspended: boolean) => {
      const status = isSuspended ? 'suspended' : 'signed-in';
      setSession((now) => ('claims' in now ? { status, claims: now.claims } : now));
    },
  };
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
