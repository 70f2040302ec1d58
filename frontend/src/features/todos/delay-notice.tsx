import { onlineManager } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { Notice } from '../../components/notice';
import type { OpenChange } from './todo-changes';

/** Says that changes couldn't be saved yet, and that this will happen by itself. */
export function DelayNotice({ changes }: { changes: OpenChange[] }) {
  const isOnline = useSyncExternalStore(
    (onChange) => onlineManager.subscribe(onChange),
    () => onlineManager.isOnline(),
  );
  const waiting = changes.filter(({ refusal }) => !refusal);
  const delayed = waiting.find(({ delay }) => delay);
  if (waiting.length === 0 || (isOnline && !delayed)) return null;

  const count =
    waiting.length === 1 ? 'Your change is' : `Your ${String(waiting.length)} changes are`;
  return (
    <Notice heading={isOnline ? 'Not saved yet' : 'You are offline'} level={2}>
      <p>
        {count} kept on this page and sent as soon as the {isOnline ? 'service' : 'connection'} is
        back. Leave it open until then.
      </p>
    </Notice>
  );
}
