import type { QueryClient } from '@tanstack/react-query';
import { createContext, use, type ComponentType, type ReactNode } from 'react';
import type { LazyPage } from '../app/lazy-page';

/** All that the application knows of a feature. `app/features.ts` lists them. */
export interface Feature {
  /** Where it stands in the header, in the menu and on the home page. */
  place: {
    to: string;
    label: string;
    /** What the person can do there, and a sentence about it: for the home page. */
    action: string;
    about: string;
  };
  /** Its pages by their path. People sign in before they see them. */
  pages: Record<string, LazyPage>;
  /** The permissions of the API that it needs. */
  scopes?: string[];
  /** What the home page says to people who aren't signed in. */
  introduction?: { title: string; lead: string; picture: ReactNode };
  /** The way from an organization to what it has of this feature. */
  linkOf?: (organization: { id: string; name: string }) => { to: string; text: string };
  /** Stands above all pages. */
  Provider?: ComponentType<{ children: ReactNode }>;
  /** Stands at the top of every page. */
  Notice?: ComponentType;
  /** Saves what it can, and returns whether something is left that signing out would lose. */
  saveBeforeSignOut?: (queryClient: QueryClient) => Promise<boolean>;
}

export const FeaturesContext = createContext<Feature[]>([]);

/** The application's features, in the order of the header. */
export function useFeatures(): Feature[] {
  return use(FeaturesContext);
}
