import { Button } from '../components/button';
import { Notice } from '../components/notice';
import { howToAllow } from './storage';

/** Stands in for the whole application when the browser lets it remember nothing. */
export function StorageBlocked() {
  return (
    <main className="standalone">
      <title>Storage is blocked · Encore with Logto</title>
      <Notice tone="error" heading="Your browser blocks cookies and site data" level={1}>
        <p>{howToAllow}</p>
        <Button
          onClick={() => {
            window.location.reload();
          }}
        >
          Load again
        </Button>
      </Notice>
    </main>
  );
}
