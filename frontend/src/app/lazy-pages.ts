import type { Feature } from '../features/feature';
import { lazyPage } from './lazy-page';

export const AccountPage = lazyPage(() =>
  import('../features/account/account-page').then((m) => m.AccountPage),
);
export const UnderTheHood = lazyPage(() =>
  import('../features/under-the-hood/under-the-hood').then((m) => m.UnderTheHood),
);
export const CallPathPage = lazyPage(() =>
  import('../features/under-the-hood/call-path-page').then((m) => m.CallPathPage),
);
export const CallPage = lazyPage(() =>
  import('../features/under-the-hood/call-page').then((m) => m.CallPage),
);
export const TokensPage = lazyPage(() =>
  import('../features/under-the-hood/tokens-page').then((m) => m.TokensPage),
);

/** Loads these pages and those of the features, so that the next click needs no network. */
export async function loadPages(features: Feature[]): Promise<void> {
  const own = [AccountPage, UnderTheHood, CallPathPage, CallPage, TokensPage];
  const pages = [...own, ...features.flatMap(({ pages }) => Object.values(pages))];
  await Promise.allSettled(pages.map(({ load }) => load()));
}
