import { BrowserStorage, PersistKey } from '@logto/browser';
import { useLogto } from '@logto/react';
import { useEffect } from 'react';
import { useEnv } from '../config/env-context';
import type { Session } from './session-context';

/**
 * Follows what other tabs do to the stored session: signing out there ends it here, and when
 * another person has signed in this tab starts anew, since the SDK still holds the first one's
 * access tokens in memory.
 */
export function useOtherTabs(session: Session, endSession: () => void): void {
  const { logtoAppId } = useEnv();
  const { getIdTokenClaims } = useLogto();
  const subject = 'claims' in session ? session.claims.sub : undefined;

  useEffect(() => {
    const idTokenKey = new BrowserStorage(logtoAppId).getKey(PersistKey.IdToken);

    // The storage event fires only for changes made by other tabs. Its key is null when everything
    // was cleared at once.
    const onStorage = ({ key, newValue }: StorageEvent) => {
      if (key !== idTokenKey && key !== null) return;
      if (newValue === null) {
        if (subject !== undefined) endSession();
        return;
      }
      void getIdTokenClaims().then((claims) => {
        if (claims && claims.sub !== subject) window.location.reload();
      });
    };

    window.addEventListener('storage', onStorage);
    return () => {
      window.removeEventListener('storage', onStorage);
    };
  }, [logtoAppId, getIdTokenClaims, subject, endSession]);
}
