import { Route, Routes } from 'react-router';
import { useFeatures } from '../features/feature';
import { CallbackPage, RequireSession } from '../kit';
import { HomePage } from './home-page';
import { AccountPage, CallPage, CallPathPage, TokensPage, UnderTheHood } from './lazy-pages';
import { Layout } from './layout';
import { NotFoundPage } from './not-found-page';

/** Which page stands at which path. */
export function Pages() {
  const features = useFeatures();
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
          <Route path="account" element={<AccountPage />} />
          {features
            .flatMap(({ pages }) => Object.entries(pages))
            .map(([path, Page]) => (
              <Route key={path} path={path} element={<Page />} />
            ))}
        </Route>
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
