import { NavLink, Outlet } from 'react-router';
import styles from './under-the-hood.module.css';

/** What the pages for developers have in common: the way from one to the other. */
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
