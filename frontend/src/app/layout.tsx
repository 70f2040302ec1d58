import { Suspense, useEffect, useRef } from 'react';
import {
  Link,
  NavigationType,
  NavLink,
  Outlet,
  useLocation,
  useNavigationType,
} from 'react-router';
import { Loading } from '../components/loading';
import { ErrorBoundary } from './error-boundary';
import styles from './layout.module.css';
import { SessionMenu } from './session-menu';
import { UnsavedNotice } from './unsaved-notice';
import { usePagesAhead } from './use-pages-ahead';

export function Layout() {
  const { pathname } = useLocation();
  const main = useStartOfPage();
  usePagesAhead();
  return (
    <>
      <a href="#main" className={styles.skip}>
        Skip to the content
      </a>
      <header className={styles.header}>
        <Link to="/" className={styles.name}>
          Encore <span>with</span> Logto
        </Link>
        <nav aria-label="Main" className={styles.nav}>
          <NavLink to="/" end>
            Home
          </NavLink>
          <NavLink to="/protected">Protected</NavLink>
          <NavLink to="/todos">Todos</NavLink>
          <NavLink to="/organizations">Organizations</NavLink>
          <NavLink to="/people">People</NavLink>
          <NavLink to="/profile">Profile</NavLink>
        </nav>
        <SessionMenu />
      </header>
      <main id="main" ref={main} tabIndex={-1} className={styles.main}>
        <UnsavedNotice />
        <ErrorBoundary key={pathname}>
          {/* A new one for each page: otherwise the old page stays until the code of the new is there. */}
          <Suspense fallback={<Loading>Loading…</Loading>}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
    </>
  );
}

/**
 * Moves the focus and the view to the start of a new page, as a browser does on loading one:
 * otherwise a keyboard stays at the link and a screen reader says nothing. On the way back and
 * forth the browser restores the view by itself.
 */
function useStartOfPage() {
  const { pathname } = useLocation();
  const navigation = useNavigationType();
  const main = useRef<HTMLElement>(null);
  const startedAt = useRef(pathname);

  useEffect(() => {
    if (startedAt.current === pathname) return;
    startedAt.current = pathname;
    main.current?.focus({ preventScroll: true });
    if (navigation !== NavigationType.Pop) window.scrollTo(0, 0);
  }, [pathname, navigation]);

  return main;
}
