import { useParams } from 'react-router';
import { Page } from '../../components/page';
import { TodoList } from '../todos/todo-list';
import { ListSwitch } from './list-switch';
import { useOrganizations } from './use-organizations';

/** An organization's todos, shared by its members. */
export function OrganizationPage() {
  const { organizationId = '' } = useParams();
  const organization = useOrganizations().find(({ id }) => id === organizationId);
  const name = organization?.name ?? organizationId;

  return (
    <Page title={name} lead={organization?.description ?? 'An organization’s todos.'}>
      <ListSwitch />
      <TodoList key={organizationId} owner={organizationId} />
    </Page>
  );
}
