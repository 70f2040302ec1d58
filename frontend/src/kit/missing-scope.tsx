import { useLocation } from 'react-router';
import { Button } from '../components/button';
import { Notice } from '../components/notice';
import { SignInFailure } from './sign-in-notice';
import { useSignIn } from './use-sign-in';

/** Says which permission a person lacks, and how they come by it. */
export function MissingScope({ scope }: { scope: string }) {
  const { pathname, search } = useLocation();
  const { start, isLeaving, problem } = useSignIn();
  return (
    <Notice heading="You don’t have the permission for this" level={2}>
      <p>
        It takes <code>{scope}</code>. In Logto, permissions come with roles: ask whoever manages
        them. Roles are read when you sign in, so once you have it, sign in again.
      </p>
      <Button
        variant="quiet"
        busy={isLeaving}
        onClick={() => {
          start(pathname + search);
        }}
      >
        Sign in again
      </Button>
      <SignInFailure problem={problem} />
    </Notice>
  );
}
