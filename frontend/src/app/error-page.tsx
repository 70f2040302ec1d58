import { Button } from '../components/button';
import { Notice } from '../components/notice';

/** Shown when a page's own code has failed. React and the router have logged the error by then. */
export function ErrorPage() {
  return (
    <main className="standalone">
      <title>Something went wrong · Encore with Logto</title>
      <Notice tone="error" heading="Something went wrong" level={1}>
        <p>This page has failed. Loading it again may help; you stay signed in.</p>
        <Button
          onClick={() => {
            window.location.reload();
          }}
        >
          Load again
        </Button>
        {/* A whole new start, not a change of route within what has failed. */}
        <a href="/">Go to the home page</a>
      </Notice>
    </main>
  );
}
