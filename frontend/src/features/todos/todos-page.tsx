import { Link, useParams } from 'react-router';
import { Page } from '../../components/page';
import { QueryResult } from '../../kit';
import { useUserInfo } from '../user-info/user-info-query';
import { useOrganizations } from '../organizations/use-organizations';
import { ListSwitch } from './list-switch';
import { TodoList } from './todo-list';
import { todosPath } from './todo-lists';

/** A list of todos: the person's own, or that of the organization in the address. */
export function TodosPage() {
  const { organizationId } = useParams();
  if (organizationId !== undefined) return <OrganizationTodos id={organizationId} />;
  return (
    <Page title="Todos" lead="Only you can see this list.">
      <ListSwitch />
      <TodoList owner={undefined} />
    </Page>
  );
}

/** Nothing is asked for an organization that the person is not known to be in. */
function OrganizationTodos({ id }: { id: string }) {
  const organization = useOrganizations().find((known) => known.id === id);
  if (!organization) return <NoSuchList />;
  const { name } = organization;
  return (
    <Page title={`Todos of ${name}`} lead={`Everybody in ${name} can see this list.`}>
      <ListSwitch />
      <TodoList key={id} owner={id} />
    </Page>
  );
}

/** They may have become a member since they signed in: Logto knows. */
function NoSuchList() {
  const userInfo = useUserInfo();
  if (userInfo.data === undefined) {
    return (
      <Page title="Todos" lead="A list that an organization shares.">
        <QueryResult query={userInfo} loading="Looking for this list…">
          {() => null}
        </QueryResult>
      </Page>
    );
  }
  return (
    <Page
      title="Page not found"
      lead="There is no list at this address, or you are not a member of its organization."
    >
      <p>
        <Link to={todosPath(undefined)}>Go to your own todos</Link>
      </p>
    </Page>
  );
}
