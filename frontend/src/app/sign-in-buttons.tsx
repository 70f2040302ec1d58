import { useLocation } from 'react-router';
import { Button } from '../components/button';
import { useSignIn } from '../kit';
import styles from './sign-in-buttons.module.css';

/** In the header, for people who aren't signed in. Both buttons lead back to this page. */
export function SignInButtons() {
  const { pathname, search, hash } = useLocation();
  const { start, isLeaving, problem } = useSignIn();
  const here = pathname + search + hash;
  return (
    <div className={styles.corner}>
      <Button
        variant="quiet"
        busy={isLeaving}
        onClick={() => {
          start(here, 'register');
        }}
      >
        Create account
      </Button>
      <Button
        busy={isLeaving}
        onClick={() => {
          start(here);
        }}
      >
        Sign in
      </Button>
      <p role="alert" className="problem">
        {problem}
      </p>
    </div>
  );
}
