import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { draftsKey } from './unsaved';

/**
 * A field's text, for useState: it outlives the field, and comes back after a reload or a new
 * sign-in of the same person.
 *
 * @param name Tells the field from others.
 */
export function useDraft(...name: (string | null)[]): [string, (text: string) => void] {
  const queryClient = useQueryClient();
  const key = [...draftsKey, ...name];
  const [text, setText] = useState(() => queryClient.getQueryData<string>(key) ?? '');
  const change = (changed: string) => {
    setText(changed);
    queryClient.setQueryData(key, changed);
  };
  return [text, change];
}
