import { NavLink, Outlet } from 'react-router';
import styles from './under-the-hood.module.css';

/** The tabs above the pages for developers. */
export function UnderTheHood() {
  return (
    <>
      <nav aria-label="Under the hood" className={styles.tabs}>
        <NavLink to="/under-the-hood" end>
          How it works
        </NavLink>
        <NavLink to="/under-the-hood/call">Call the API</NavLink>
        <NavLink to="/under-the-hood/tokens">Tokens</NavLink>
      </nav>
      <Outlet />
    </>
  );
}
