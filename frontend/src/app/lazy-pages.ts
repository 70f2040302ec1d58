import { lazyPage } from './lazy-page';

// What the first visit doesn't need comes later: when its page is asked for, or in a quiet moment.
export const TodosPage = lazyPage(() =>
  import('../features/todos/todos-page').then((m) => m.TodosPage),
);
export const OrganizationsPage = lazyPage(() =>
  import('../features/organizations/organizations-page').then((m) => m.OrganizationsPage),
);
export const PeoplePage = lazyPage(() =>
  import('../features/people/people-page').then((m) => m.PeoplePage),
);
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

/** Loads all of them, so that the next click needs no network. */
export async function loadPages(): Promise<void> {
  const pages = [
    TodosPage,
    OrganizationsPage,
    PeoplePage,
    AccountPage,
    UnderTheHood,
    CallPathPage,
    CallPage,
    TokensPage,
  ];
  await Promise.allSettled(pages.map(({ load }) => load()));
}
