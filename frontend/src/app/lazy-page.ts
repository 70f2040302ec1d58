import { createElement, lazy, useState, type ComponentType } from 'react';

const reloadedKey = 'reloaded-for-page';
/** How long to wait for a reload. The browser may ask the person, who may stay. */
const reloadMs = 5_000;

export type LazyPage = ComponentType & { load: () => Promise<unknown> };

/** A page whose code comes later: when it is shown, or when `load` is called before. */
export function lazyPage(importPage: () => Promise<ComponentType>): LazyPage {
  let loaded: ComponentType | undefined;
  let loading: Promise<{ default: ComponentType }> | undefined;
  const load = () =>
    (loading ??= importPage().then((page) => {
      sessionStorage.removeItem(reloadedKey);
      loaded = page;
      return { default: page };
    }));
  const Lazy = lazy(() => load().catch(reloadOnce));

  function Page() {
    // React would show the fallback for a moment, even if the code is loaded.
    const [Component] = useState(() => loaded ?? Lazy);
    return createElement(Component);
  }
  return Object.assign(Page, { load });
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
