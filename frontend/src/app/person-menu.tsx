import type { IdTokenClaims } from '@logto/browser';
import { useEffect, useId, useRef } from 'react';
import { NavLink, useLocation } from 'react-router';
import { Avatar } from '../components/avatar';
import { useFeatures } from '../features/feature';
import { displayName } from '../features/user-info/display-name';
import styles from './person-menu.module.css';
import { SignOutButton } from './sign-out-button';
import { ThemeSwitch } from './theme-switch';

/** The menu in the header's corner. On a phone it has all pages. */
export function PersonMenu({ claims }: { claims: IdTokenClaims }) {
  const name = displayName(claims);
  const features = useFeatures();
  const id = useId();
  const opener = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const location = useLocation();

  useEffect(() => {
    menu.current?.hidePopover();
  }, [location]);

  return (
    <div className={styles.corner}>
      <button ref={opener} type="button" popoverTarget={id} className={styles.opener}>
        <Avatar name={name} picture={claims.picture} />
        <span className={styles.name}>
          <span className="visually-hidden">Menu, signed in as </span>
          {name}
        </span>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path className={styles.chevron} d="M7 10l5 5 5-5" />
          <path className={styles.lines} d="M4 7h16M4 12h16M4 17h16" />
        </svg>
      </button>
      <div ref={menu} id={id} popover="auto" className={styles.menu}>
        <p className={styles.person}>
          <strong dir="auto">{name}</strong>
          {typeof claims.email === 'string' && claims.email !== name && <span>{claims.email}</span>}
        </p>
        <nav aria-label="Main" className={styles.pages}>
          {features.map(({ place: { to, label } }) => (
            <NavLink key={to} to={to}>
              {label}
            </NavLink>
          ))}
        </nav>
        <nav aria-label="Yours">
          <NavLink to="/account">Account</NavLink>
          <NavLink to="/under-the-hood">Under the hood</NavLink>
        </nav>
        <ThemeSwitch />
        <SignOutButton
          onStay={() => {
            opener.current?.focus();
          }}
        />
      </div>
    </div>
  );
}
