import { Route, Routes } from 'react-router';
import { HelloPage } from '../features/hello/hello-page';
import { ProfilePage } from '../features/profile/profile-page';
import { CallbackPage } from '../features/session/callback-page';
import { RequireSession } from '../features/session/require-session';
import { HomePage } from './home-page';
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
          <Route path="profile" element={<ProfilePage />} />
        </Route>
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
