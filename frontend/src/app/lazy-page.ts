import { lazy, type ComponentType } from 'react';

const reloadedKey = 'reloaded-for-page';
/** How long a reload may take. The browser may have asked the person, who stays. */
const reloadMs = 5_000;

/** A page whose code comes later: when it is shown, or when `load` is called before. */
export function lazyPage(importPage: () => Promise<ComponentType>) {
  let loading: Promise<{ default: ComponentType }> | undefined;
  // One promise for all, so that a page that is there already is shown at once.
  const load = () => (loading ??= importPage().then((page) => ({ default: page })));
  const Page = lazy(() => load().then(forgetReload, reloadOnce));
  return Object.assign(Page, { load });
}

function forgetReload<T>(page: T): T {
  sessionStorage.removeItem(reloadedKey);
  return page;
}

/**
 * After a new deployment the code of a page may have another address, which a reload brings. If the
 * page fails after one, too, it is for another reason, and the person is told.
 */
async function reloadOnce(error: unknown): Promise<never> {
  if (navigator.onLine && sessionStorage.getItem(reloadedKey) === null) {
    sessionStorage.setItem(reloadedKey, 'yes');
    window.location.reload();
    await new Promise((resolve) => setTimeout(resolve, reloadMs));
  }
  throw error;
}
