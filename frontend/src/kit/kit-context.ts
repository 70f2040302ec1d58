import type LogtoClient from '@logto/browser';
import { createContext, use, useCallback, type ComponentType, type ReactNode } from 'react';
import { ApiError } from './errors';
import type { Texts } from './texts';

export interface KitConfig {
  /** Without `/oidc` and without a trailing slash. */
  logtoEndpoint: string;
  logtoAppId: string;
  /** The API's indicator in Logto: the audience of the access tokens. */
  apiResource: string;
  /** The API's base URL, without a trailing slash. */
  apiUrl: string;
  /** Permissions of the API, and Logto's scopes, to ask for. After a change people sign in again. */
  scopes?: string[];
}

export interface NoticeProps {
  heading: string;
  text: string;
  /** The heading's level. 1 when the notice is the whole page. */
  level: 1 | 2;
  tone?: 'info' | 'error';
  /** A button. While it is busy it ignores presses. */
  action?: { text: string; onClick: () => void; busy?: boolean };
  /** Why the action failed. */
  problem?: string | undefined;
}

/** The components that the kit draws its messages and its waiting with. */
export interface Components {
  Notice: ComponentType<NoticeProps>;
  Loading: ComponentType<{ children: ReactNode }>;
}

interface Kit extends Components {
  config: KitConfig;
  texts: Texts;
  client: LogtoClient;
  onError: (error: unknown) => void;
}

export const KitContext = createContext<Kit | undefined>(undefined);

export function useKit(): Kit {
  const kit = use(KitContext);
  if (!kit) throw new Error('This needs a <KitProvider> above it.');
  return kit;
}

/** Returns a function that says in a sentence what an error means to the person. */
export function useErrorText(): (error: Error) => string {
  const { texts } = useKit();
  return useCallback(
    (error) => {
      const code = error instanceof ApiError ? error.code : undefined;
      // The API's own sentence says which field is wrong.
      if (code === 'invalid_argument') return error.message;
      const key = code ?? error.name;
      if (Object.hasOwn(texts.errors, key)) return texts.errors[key] ?? '';
      return code === undefined ? texts.unexpected : texts.unknownCode(code);
    },
    [texts],
  );
}
