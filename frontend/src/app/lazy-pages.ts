import { lazyPage } from './lazy-page';

// What the first visit doesn't need comes later: when its page is asked for, or in a quiet moment.
export const HelloPage = lazyPage(() =>
  import('../features/hello/hello-page').then((m) => m.HelloPage),
);
export const TodosPage = lazyPage(() =>
  import('../features/todos/todos-page').then((m) => m.TodosPage),
);
export const OrganizationsPage = lazyPage(() =>
  import('../features/organizations/organizations-page').then((m) => m.OrganizationsPage),
);
export const PeoplePage = lazyPage(() =>
  import('../features/people/people-page').then((m) => m.PeoplePage),
);
export const ProfilePage = lazyPage(() =>
  import('../features/profile/profile-page').then((m) => m.ProfilePage),
);

/** Loads all of them, so that the next click needs no network. */
export async function loadPages(): Promise<void> {
  const pages = [HelloPage, TodosPage, OrganizationsPage, PeoplePage, ProfilePage];
  await Promise.allSettled(pages.map(({ load }) => load()));
}
