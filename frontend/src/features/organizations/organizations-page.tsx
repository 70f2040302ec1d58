import { Link } from 'react-router';
import { Notice } from '../../components/notice';
import { Page } from '../../components/page';
import { useFeatures } from '../feature';
import styles from './organizations-page.module.css';
import { useOrganizations, type Organization } from './use-organizations';

/** The organizations the person belongs to, and their roles in each. */
export function OrganizationsPage() {
  const organizations = useOrganizations();
  return (
    <Page title="Organizations" lead="Where you are a member, and what your role is.">
      {organizations.length > 0 ? (
        <ul className={styles.cards}>
          {organizations.map((organization) => (
            <OrganizationCard key={organization.id} {...organization} />
          ))}
        </ul>
      ) : (
        <Notice heading="You are not in an organization yet" level={2}>
          <p>An administrator can add you. Reload this page once they have.</p>
        </Notice>
      )}
    </Page>
  );
}

function OrganizationCard({ id, name, description, roles }: Organization) {
  const links = useFeatures().map(({ linkOf }) => linkOf?.({ id, name }));
  return (
    <li>
      <h2>{name}</h2>
      <p>{description}</p>
      <dl>
        <dt>{roles.length > 1 ? 'Your roles' : 'Your role'}</dt>
        <dd>{roles.length > 0 ? roles.join(', ') : 'none'}</dd>
      </dl>
      {links.map(
        (link) =>
          link && (
            <Link key={link.to} to={link.to}>
              {link.text}
            </Link>
          ),
      )}
    </li>
  );
}
