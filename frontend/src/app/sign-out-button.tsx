import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { createPortal } from 'react-dom';
import { Button } from '../components/button';
import { Dialog } from '../components/dialog';
import { useFeatures } from '../features/feature';
import { useSession } from '../kit';
import styles from './sign-out-button.module.css';

/**
 * Signs out. If something isn't saved, it asks first, and calls `onStay` if the person stays.
 */
export function SignOutButton({ onStay }: { onStay?: () => void }) {
  const { signOut } = useSession();
  const features = useFeatures();
  const queryClient = useQueryClient();
  const [step, setStep] = useState<'idle' | 'saving' | 'asking'>('idle');

  const leave = async () => {
    setStep('saving');
    const unsaved = await Promise.all(
      features.map(async ({ saveBeforeSignOut }) => saveBeforeSignOut?.(queryClient)),
    );
    if (unsaved.includes(true)) setStep('asking');
    else await signOut();
  };
  const stay = () => {
    setStep('idle');
    onStay?.();
  };

  return (
    <>
      <Button variant="quiet" busy={step === 'saving'} onClick={() => void leave()}>
        Sign out
      </Button>
      {/* Not inside a menu, which closes when the dialog opens. */}
      {createPortal(
        <Dialog isOpen={step === 'asking'} heading="Not everything is saved" onClose={stay}>
          <p>
            Something that you typed or changed isn’t saved yet. If you sign out now, it is lost.
          </p>
          <div className={styles.actions}>
            <Button variant="quiet" onClick={stay}>
              Stay signed in
            </Button>
            <Button variant="danger" onClick={() => void signOut()}>
              Lose it and sign out
            </Button>
          </div>
        </Dialog>,
        document.body,
      )}
    </>
  );
}
