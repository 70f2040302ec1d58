import { Route, Routes } from 'react-router';
import { CallbackPage, RequireSession } from '../kit';
import { HomePage } from './home-page';
import { HelloPage, OrganizationsPage, PeoplePage, ProfilePage, TodosPage } from './lazy-pages';
import { Layout } from './layout';
import { NotFoundPage } from './not-found-page';

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
          <Route path="todos/organizations/:organizationId" element={<TodosPage />} />
          <Route path="organizations" element={<OrganizationsPage />} />
          <Route path="people" element={<PeoplePage />} />
          <Route path="profile" element={<ProfilePage />} />
        </Route>
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
