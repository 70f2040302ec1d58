import { useEffect, useRef } from 'react';
import { Link, NavLink, Outlet, ScrollRestoration, useLocation } from 'react-router';
import styles from './layout.module.css';
import { SessionMenu } from './session-menu';

export function Layout() {
  const main = useFocusOnNavigation();
  return (
    <>
      <a href="#main" className={styles.skip}>
        Skip to the content
      </a>
      <header className={styles.header}>
        <div className={styles.bar}>
          <Link to="/" className={styles.name}>
            Encore <span>with</span> Logto
          </Link>
          <nav aria-label="Main" className={styles.nav}>
            <NavLink to="/" end>
              Home
            </NavLink>
            <NavLink to="/protected">Protected</NavLink>
            <NavLink to="/profile">Profile</NavLink>
          </nav>
          <SessionMenu />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
      <ScrollRestoration />
    </>
  );
}

/**
 * Moves the focus to the content when the page changes, as a browser does on loading one: otherwise
 * a keyboard stays at the link and a screen reader says nothing.
 */
function useFocusOnNavigation() {
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const focusedFor = useRef(pathname);

  useEffect(() => {
    if (focusedFor.current === pathname) return;
    focusedFor.current = pathname;
    main.current?.focus({ preventScroll: true });
  }, [pathname]);

  return main;
}
