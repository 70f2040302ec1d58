import { Button } from '../components/button';
import { Notice } from '../components/notice';
import { useSession } from './session-context';

/** What a suspended person sees in the place of every page. */
export function SuspendedNotice() {
  const { setSuspended } = useSession();
  return (
    <Notice tone="error" heading="Your account is suspended" level={1}>
      <title>Suspended · Encore with Logto</title>
      <p>
        You can’t use this application until the suspension is lifted. Nothing of yours was deleted.
        If you think this is a mistake, ask the people who run it.
      </p>
      <Button
        variant="quiet"
        onClick={() => {
          setSuspended(false);
        }}
      >
        Try again
      </Button>
    </Notice>
  );
}
