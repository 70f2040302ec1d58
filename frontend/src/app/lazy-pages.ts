import { lazy, type ComponentType } from 'react';

// What the first visit doesn't need comes later: when its page is asked for, or in a quiet moment.
const imports = {
  hello: () => import('../features/hello/hello-page').then((m) => m.HelloPage),
  todos: () => import('../features/todos/todos-page').then((m) => m.TodosPage),
  organizations: () =>
    import('../features/organizations/organizations-page').then((m) => m.OrganizationsPage),
  organization: () =>
    import('../features/organizations/organization-page').then((m) => m.OrganizationPage),
  people: () => import('../features/people/people-page').then((m) => m.PeoplePage),
  profile: () => import('../features/profile/profile-page').then((m) => m.ProfilePage),
};

const lazyPage = (load: () => Promise<ComponentType>) =>
  lazy(async () => ({ default: await load() }));

export const HelloPage = lazyPage(imports.hello);
export const TodosPage = lazyPage(imports.todos);
export const OrganizationsPage = lazyPage(imports.organizations);
export const OrganizationPage = lazyPage(imports.organization);
export const PeoplePage = lazyPage(imports.people);
export const ProfilePage = lazyPage(imports.profile);

/** Loads all of them, so that the next click needs no network. */
export async function loadPages(): Promise<void> {
  await Promise.allSettled(Object.values(imports).map((load) => load()));
}
