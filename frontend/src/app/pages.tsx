import { lazy } from 'react';
import { Route, Routes } from 'react-router';
import { CallbackPage } from '../features/session/callback-page';
import { RequireSession } from '../features/session/require-session';
import { HomePage } from './home-page';
import { Layout } from './layout';
import { NotFoundPage } from './not-found-page';

// What the first visit doesn't need comes when it is asked for.
const HelloPage = lazy(async () => ({
  default: (await import('../features/hello/hello-page')).HelloPage,
}));
const TodosPage = lazy(async () => ({
  default: (await import('../features/todos/todos-page')).TodosPage,
}));
const OrganizationsPage = lazy(async () => ({
  default: (await import('../features/organizations/organizations-page')).OrganizationsPage,
}));
const OrganizationPage = lazy(async () => ({
  default: (await import('../features/organizations/organization-page')).OrganizationPage,
}));
const PeoplePage = lazy(async () => ({
  default: (await import('../features/people/people-page')).PeoplePage,
}));
const ProfilePage = lazy(async () => ({
  default: (await import('../features/profile/profile-page')).ProfilePage,
}));

/** Which page stands at which path. */
export function Pages() {
  return (
    <Routes>
      <Route element={<Layout />}>
        <Route index element={<HomePage />} />
        <Route path="callback" element={<CallbackPage />} />
        <Route element={<RequireSession />}>
          <Route path="protected" element={<HelloPage />} />
          <Route path="todos" element={<TodosPage />} />
          <Route path="organizations" element={<OrganizationsPage />} />
          <Route path="organizations/:organizationId" element={<OrganizationPage />} />
          <Route path="people" element={<PeoplePage />} />
          <Route path="profile" element={<ProfilePage />} />
        </Route>
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
