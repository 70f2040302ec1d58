import { NavLink } from 'react-router';
import { useOrganizations } from '../organizations/use-organizations';
import styles from './switch.module.css';
import { todosPath } from './todo-lists';

/** Switches between the person's own list and those of their organizations. */
export function ListSwitch() {
  const organizations = useOrganizations();
  if (organizations.length === 0) return null;
  return (
    <nav aria-label="Lists" className={styles.switch}>
      <NavLink to={todosPath(undefined)} end>
        Mine
      </NavLink>
      {organizations.map(({ id, name }) => (
        <NavLink key={id} to={todosPath(id)}>
          {name}
        </NavLink>
      ))}
    </nav>
  );
}
