import { Link } from 'react-router';
import { Notice } from '../../components/notice';
import { Page } from '../../components/page';
import styles from './organizations-page.module.css';
import { useOrganizations, type Organization } from './use-organizations';

/** The organizations the person belongs to, and what they are in each. */
export function OrganizationsPage() {
  const organizations = useOrganizations();
  return (
    <Page
      title="Organizations"
      lead="Each has a list of its own. Your access token says for which of them you ask."
    >
      {organizations.length > 0 ? (
        <ul className={styles.cards}>
          {organizations.map((organization) => (
            <OrganizationCard key={organization.id} {...organization} />
          ))}
        </ul>
      ) : (
        <Notice heading="You are in no organization" level={2}>
          <p>Members are added in Logto. Load this page again once you are one.</p>
        </Notice>
      )}
    </Page>
  );
}

function OrganizationCard({ id, name, description, roles }: Organization) {
  return (
    <li>
      <h2>
        <Link to={`/organizations/${encodeURIComponent(id)}`}>{name}</Link>
      </h2>
      <p>{description}</p>
      <dl>
        <dt>Id</dt>
        <dd>
          <code>{id}</code>
        </dd>
        <dt>Your roles</dt>
        <dd>{roles.length > 0 ? roles.join(', ') : 'none'}</dd>
      </dl>
    </li>
  );
}
