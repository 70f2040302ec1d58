import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { OutageError, useApi, useErrorText, useSession } from '../../kit';
import { nothing } from '../api/schema-of';
import styles from './delete-my-data.module.css';
import { rememberDeletion } from './deletion';

/** `DELETE /users/me`, after a confirmation. Signs out afterwards. */
export function DeleteMyData() {
  const api = useApi();
  const { signOut } = useSession();
  const errorText = useErrorText();
  const [isAsking, setIsAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => api('/users/me', nothing, { method: 'DELETE' }),
    // The person decides whether to try again.
    retry: false,
    onSuccess: async () => {
      rememberDeletion();
      await signOut();
    },
  });

  return (
    <>
      <Button
        variant="danger"
        onClick={() => {
          setIsAsking(true);
        }}
      >
        Delete my data…
      </Button>
      <Dialog
        isOpen={isAsking}
        heading="Delete your data?"
        onClose={() => {
          setIsAsking(false);
        }}
      >
        <p>
          Your record and everything that is yours alone are deleted for good, and you are signed
          out.
        </p>
        <p role="alert" className="problem">
          {remove.error && explain(remove.error, errorText(remove.error))}
        </p>
        <div className={styles.actions}>
          <Button
            variant="quiet"
            onClick={() => {
              setIsAsking(false);
            }}
          >
            Cancel
          </Button>
          <Button
            variant="danger"
            busy={remove.isPending || remove.isSuccess}
            onClick={() => {
              remove.mutate();
            }}
          >
            Delete my data
          </Button>
        </div>
      </Dialog>
    </>
  );
}

function explain(error: Error, text: string): string {
  const wait = error instanceof OutageError ? error.retryAfterMs : undefined;
  const when = wait ? ` Try again in ${String(Math.ceil(wait / 1000))} s.` : '';
  return `That didn’t work: ${text}${when}`;
}
