import { onlineManager } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { Notice } from '../../components/notice';
import { BusyError } from '../api/api-error';
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
  const service =
    delayed?.delay instanceof BusyError ? 'the service is less busy' : 'the service is back';
  const until = isOnline ? service : 'the connection is back';
  return (
    <Notice heading={isOnline ? 'Not saved yet' : 'You are offline'} level={2}>
      <p>
        {count} kept on this page and sent as soon as {until}. Leave it open until then.
      </p>
    </Notice>
  );
}
