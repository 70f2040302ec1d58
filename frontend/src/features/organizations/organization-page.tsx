import { useParams } from 'react-router';
import { Page } from '../../components/page';
import { TodoList } from '../todos/todo-list';
import { ListSwitch } from './list-switch';
import { useOrganizations } from './use-organizations';

/** An organization's todos, shared by its members. */
export function OrganizationPage() {
  const { organizationId = '' } = useParams();
  const organization = useOrganizations().find(({ id }) => id === organizationId);
  // What stands in the address may be anything.
  const name = organization?.name ?? 'Organization';

  return (
    <Page title={name} lead={organization?.description ?? 'An organization’s todos.'}>
      <ListSwitch />
      <TodoList key={organizationId} owner={organizationId} />
    </Page>
  );
}
