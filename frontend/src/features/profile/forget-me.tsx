import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../components/button';
import { Dialog } from '../../components/dialog';
import { OutageError, useApi, useErrorText, useSession } from '../../kit';
import { nothing } from '../api/schema';
import styles from './forget-me.module.css';

/** `DELETE /users/me`, once the person has thought about it twice. Signs out afterwards. */
export function ForgetMe() {
  const api = useApi();
  const { signOut } = useSession();
  const errorText = useErrorText();
  const [isAsking, setIsAsking] = useState(false);
  const forget = useMutation({
    mutationFn: () => api('/users/me', nothing, { method: 'DELETE' }),
    // Not tried again behind the person's back: they may have thought better of it.
    retry: false,
    onSuccess: signOut,
  });

  return (
    <>
      <Button
        variant="danger"
        onClick={() => {
          setIsAsking(true);
        }}
      >
        Forget me…
      </Button>
      <Dialog
        isOpen={isAsking}
        heading="Forget you?"
        onClose={() => {
          setIsAsking(false);
        }}
      >
        <p>
          Your row and your todos are deleted for good. What you added to organizations stays,
          without your name. Your account at Logto stays too: sign in again and you start afresh.
        </p>
        <p role="alert" className="problem">
          {forget.error && explain(forget.error, errorText(forget.error))}
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
            busy={forget.isPending || forget.isSuccess}
            onClick={() => {
              forget.mutate();
            }}
          >
            Forget me
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
