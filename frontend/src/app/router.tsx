import { createBrowserRouter } from 'react-router';
import { HelloPage } from '../features/hello/hello-page';
import { ProfilePage } from '../features/profile/profile-page';
import { CallbackPage } from '../features/session/callback-page';
import { RequireSession } from '../features/session/require-session';
import { ErrorPage } from './error-page';
import { HomePage } from './home-page';
import { Layout } from './layout';
import { NotFoundPage } from './not-found-page';

export function createRouter() {
  return createBrowserRouter([
    {
      element: <Layout />,
      errorElement: <ErrorPage />,
      children: [
        { index: true, element: <HomePage /> },
        { path: 'callback', element: <CallbackPage /> },
        {
          element: <RequireSession />,
          children: [
            { path: 'protected', element: <HelloPage /> },
            { path: 'profile', element: <ProfilePage /> },
          ],
        },
        { path: '*', element: <NotFoundPage /> },
      ],
    },
  ]);
}
