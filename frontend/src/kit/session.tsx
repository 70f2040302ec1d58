import type LogtoClient from '@logto/browser';
import { BrowserStorage, PersistKey, type IdTokenClaims } from '@logto/browser';
import { createContext, use, useEffect, useMemo, useState } from 'react';
import type { Dispatch, ReactNode, SetStateAction } from 'react';
import { useKit } from './kit-context';

/**
 * Who is using this tab. `loading`: the stored session isn't read yet. `suspended`: signed in, but
 * the API locks them out. `ended`: the session was refused, or closed in another tab; only the person
 * can start a new one, or this could become a loop. `leaving`: signed out, about to leave the page.
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

/** The ID token's claims of the signed-in person. For pages below {@link RequireSession}. */
export function useClaims(): IdTokenClaims {
  const { session } = useSession();
  if (session.status !== 'signed-in') throw new Error('useClaims needs a <RequireSession> above.');
  return session.claims;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const { client } = useKit();
  const [session, setSession] = useState<Session>({ status: 'loading' });
  const actions = useMemo(() => actionsOf(client, setSession), [client]);
  const value = useMemo(() => ({ session, ...actions }), [session, actions]);

  useEffect(() => {
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
    /** Exchanges the code in the address. Resolves to false when this tab started no sign-in. */
    finishSignIn: async () => {
      const { href } = window.location;
      if (!(await client.isSignInRedirected(href))) return false;
      await client.handleSignInCallback(href);
      await readSession();
      return true;
    },
    /** Signs out here and at Logto. Leaves the page. */
    signOut: async () => {
      const home = `${window.location.origin}/`;
      setSession({ status: 'leaving' });
      // When Logto can't be reached, this browser is signed out all the same.
      await client.signOut(home).catch(() => window.location.assign(home));
    },
    /** Drops the session in this browser, because the API or Logto refused it. */
    endSession: () => {
      setSession((now) => (now.status === 'leaving' ? now : { status: 'ended' }));
      void client.clearAllTokens();
    },
    /** Records that the API locks the person out, or with false that they want to try again. */
    setSuspended: (isSuspended: boolean) => {
      const status = isSuspended ? 'suspended' : 'signed-in';
      setSession((now) => ('claims' in now ? { ...now, status } : now));
    },
  };
}

/**
 * Follows other tabs: a sign-out there ends the session here, and the sign-in of another person loads
 * this page again, because the SDK still has the first person's access tokens in memory.
 */
function useOtherTabs(session: Session, endSession: () => void): void {
  const { client, config } = useKit();
  const subject = 'claims' in session ? session.claims.sub : undefined;

  useEffect(() => {
    const idTokenKey = new BrowserStorage(config.logtoAppId).getKey(PersistKey.IdToken);
    const follow = async () => {
      const { sub } = await client.getIdTokenClaims();
      if (sub !== subject) window.location.reload();
    };
    // Browsers send this event for changes of other tabs. A null key means that all was cleared.
    const onStorage = ({ key, newValue }: StorageEvent) => {
      if (key !== idTokenKey && key !== null) return;
      // A token that can't be read was removed again in the meantime.
      if (newValue !== null) follow().catch(() => undefined);
      else if (subject !== undefined) endSession();
    };
    window.addEventListener('storage', onStorage);
    return () => window.removeEventListener('storage', onStorage);
  }, [config, client, subject, endSession]);
}
