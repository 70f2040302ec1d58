import { Page } from '../../components/page';
import { ListSwitch } from '../organizations/list-switch';
import { TodoList } from './todo-list';

/** The person's own todos. */
export function TodosPage() {
  return (
    <Page title="Todos" lead="Yours alone: nobody else sees this list.">
      <ListSwitch />
      <TodoList owner={undefined} />
    </Page>
  );
}
