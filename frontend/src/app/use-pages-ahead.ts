import { useEffect } from 'react';
import { useFeatures } from '../features/feature';
import { useSession } from '../kit';
import { loadPages } from './lazy-pages';

const quietMs = 1_000;

/** Loads the other pages a second after the sign-in. */
export function usePagesAhead(): void {
  const features = useFeatures();
  const isSignedIn = useSession().session.status === 'signed-in';
  useEffect(() => {
    if (!isSignedIn) return undefined;
    const timer = setTimeout(() => void loadPages(features), quietMs);
    return () => {
      clearTimeout(timer);
    };
  }, [isSignedIn, features]);
}
