import type LogtoClient from '@logto/browser';
import { createContext, use, type ComponentType, type ReactNode } from 'react';
import type { Texts } from './texts';

export interface KitConfig {
  /** Logto endpoint, without `/oidc` and without a trailing slash. */
  logtoEndpoint: string;
  /** App ID of the single-page application in Logto. */
  logtoAppId: string;
  /** API resource indicator: the audience of the access tokens. */
  apiResource: string;
  /** Base URL of the API, without a trailing slash. */
  apiUrl: string;
  /** Permissions of the API, and Logto's scopes, to ask for. After a change people sign in again. */
  scopes?: string[];
}

export interface NoticeProps {
  heading: string;
  text: string;
  /** The heading's level: 1 when the notice is the whole page. */
  level: 1 | 2;
  tone?: 'info' | 'error';
  /** A button. While it is busy it ignores presses. */
  action?: { text: string; onClick: () => void; busy?: boolean };
  /** Why the action failed, if it did. */
  problem?: string | undefined;
}

/** What the kit draws with. */
export interface Components {
  /** Something the person has to know. */
  Notice: ComponentType<NoticeProps>;
  /** Says what is being waited for. */
  Loading: ComponentType<{ children: ReactNode }>;
}

/** Gets an error that nobody expects, and the stack of components if it is of one. */
export type ErrorReporter = (error: unknown, componentStack?: string) => void;

interface Kit extends Components {
  config: KitConfig;
  texts: Texts;
  client: LogtoClient;
  onError: ErrorReporter;
}

export const KitContext = createContext<Kit | undefined>(undefined);

export function useKit(): Kit {
  const kit = use(KitContext);
  if (!kit) throw new Error('This needs a <KitProvider> above it.');
  return kit;
}
