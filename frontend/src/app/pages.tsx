import { Route, Routes } from 'react-router';
import { CallbackPage, RequireSession } from '../kit';
import { HomePage } from './home-page';
import {
  AccountPage,
  CallPage,
  CallPathPage,
  OrganizationsPage,
  PeoplePage,
  TodosPage,
  TokensPage,
  UnderTheHood,
} from './lazy-pages';
import { Layout } from './layout';
import { NotFoundPage } from './not-found-page';

/** Which page stands at which path. */
export function Pages() {
  return (
    <Routes>
      <Route element={<Layout />}>
        <Route index element={<HomePage />} />
        <Route path="callback" element={<CallbackPage />} />
        <Route path="under-the-hood" element={<UnderTheHood />}>
          <Route index element={<CallPathPage />} />
          <Route element={<RequireSession />}>
            <Route path="call" element={<CallPage />} />
            <Route path="tokens" element={<TokensPage />} />
          </Route>
        </Route>
        <Route element={<RequireSession />}>
          <Route path="todos" element={<TodosPage />} />
          <Route path="todos/organizations/:organizationId" element={<TodosPage />} />
          <Route path="organizations" element={<OrganizationsPage />} />
          <Route path="people" element={<PeoplePage />} />
          <Route path="account" element={<AccountPage />} />
        </Route>
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
