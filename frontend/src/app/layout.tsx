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
import { appName } from '../config/app-name';
import { useFeatures } from '../features/feature';
import { useSession } from '../kit';
import { ErrorBoundary } from './error-boundary';
import styles from './layout.module.css';
import { PersonMenu } from './person-menu';
import { SignInButtons } from './sign-in-buttons';
import { ThemeSwitch } from './theme-switch';
import { usePagesAhead } from './use-pages-ahead';

export function Layout() {
  const { session } = useSession();
  const features = useFeatures();
  const { pathname } = useLocation();
  const main = useStartOfPage();
  usePagesAhead();
  // The callback page says itself what to do next.
  const isStranger = session.status === 'signed-out' || session.status === 'ended';
  return (
    <div className={styles.layout}>
      <a href="#main" className={styles.skip}>
        Skip to the content
      </a>
      <header className="header">
        <Link to="/" className="brand">
          {appName}
        </Link>
        {'claims' in session && (
          <>
            <nav aria-label="Main" className={styles.nav}>
              {features.map(({ place: { to, label } }) => (
                <NavLink key={to} to={to}>
                  {label}
                </NavLink>
              ))}
            </nav>
            <PersonMenu claims={session.claims} />
          </>
        )}
        {isStranger && pathname !== '/callback' && <SignInButtons />}
      </header>
      <main id="main" ref={main} tabIndex={-1} className="main">
        {features.map(({ place, Notice }) => Notice && <Notice key={place.to} />)}
        <ErrorBoundary key={pathname}>
          {/* A new one for each page: otherwise the old page stays until the code of the new is there. */}
          <Suspense fallback={<Loading>Loading…</Loading>}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
      {isStranger && (
        <footer className={styles.footer}>
          <Link to="/under-the-hood">Under the hood</Link>
          <ThemeSwitch />
        </footer>
      )}
    </div>
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
