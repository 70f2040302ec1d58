import { useState } from 'react';
import { Button } from '../../components/button';
import { useEnv } from '../../config/env-context';
import { useAccessToken } from '../../kit';
import styles from './copy-as-curl.module.css';

const outcomes = {
  none: '',
  copied: 'Copied, with your token in it. Keep it to yourself.',
  failed: 'Your browser did not let the page copy it.',
};

/** Copies a call to the API, made by this person, for a terminal. */
export function CopyAsCurl({ path }: { path: `/${string}` }) {
  const { apiUrl } = useEnv();
  const getAccessToken = useAccessToken();
  const [outcome, setOutcome] = useState<keyof typeof outcomes>('none');

  const copy = async () => {
    const token = await getAccessToken();
    await navigator.clipboard.writeText(
      `curl -H 'Authorization: Bearer ${token}' '${apiUrl}${path}'`,
    );
  };

  return (
    <div className={styles.copy}>
      <Button
        variant="quiet"
        onClick={() => {
          copy().then(
            () => {
              setOutcome('copied');
            },
            () => {
              setOutcome('failed');
            },
          );
        }}
      >
        Copy as curl
      </Button>
      <p role="status">{outcomes[outcome]}</p>
    </div>
  );
}
