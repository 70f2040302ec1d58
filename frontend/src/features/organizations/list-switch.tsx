import { NavLink } from 'react-router';
import styles from './list-switch.module.css';
import { useOrganizations } from './use-organizations';

/** Switches between the person's own list and those of their organizations. */
export function ListSwitch() {
  const organizations = useOrganizations();
  if (organizations.length === 0) return null;
  return (
    <nav aria-label="Whose todos" className={styles.switch}>
      <NavLink to="/todos">Me</NavLink>
      {organizations.map(({ id, name }) => (
        <NavLink key={id} to={`/organizations/${encodeURIComponent(id)}`}>
          {name}
        </NavLink>
      ))}
    </nav>
  );
}
