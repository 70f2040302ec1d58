import { useMutation } from '@tanstack/react-query';
import { Button } from '../../components/button';
import { useEnv } from '../../config/env-context';
import { useAccessToken, useErrorText } from '../../kit';
import styles from './copy-as-curl.module.css';

/** Copies a call to the API as a command, with the person's token. */
export function CopyAsCurl({ path }: { path: `/${string}` }) {
  const { apiUrl } = useEnv();
  const getAccessToken = useAccessToken();
  const errorText = useErrorText();
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: async () => {
      const token = await getAccessToken();
      return isCopied(`curl -H 'Authorization: Bearer ${token}' '${apiUrl}${path}'`);
    },
    retry: false,
    // Works offline while the SDK has a token.
    networkMode: 'always',
  });

  return (
    <div className={styles.copy}>
      <Button
        variant="quiet"
        busy={isPending}
        onClick={() => {
          mutate();
        }}
      >
        Copy as curl
      </Button>
      <p role="status">
        {data === true && 'Copied, with your token in it. Keep it to yourself.'}
        {data === false && 'Your browser did not let the page copy it.'}
        {error && `Not copied, because there is no token. ${errorText(error)}`}
      </p>
    </div>
  );
}

async function isCopied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
