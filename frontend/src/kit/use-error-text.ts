import { useCallback } from 'react';
import { ApiError } from './errors';
import { useKit } from './kit-context';

/** Returns a function that says in a sentence what an error means to the person. */
export function useErrorText(): (error: Error) => string {
  const { texts } = useKit();
  return useCallback(
    (error) => {
      const isApiError = error instanceof ApiError;
      const key = isApiError ? error.code : error.name;
      // The API says in plain words what it doesn't accept.
      if (key === 'invalid_argument') return error.message;
      const known = Object.hasOwn(texts.errors, key) ? texts.errors[key] : undefined;
      return known ?? (isApiError ? texts.unknownCode(key) : texts.unexpected);
    },
    [texts],
  );
}
