import { lazyPage } from '../../app/lazy-page';
import type { Feature } from '../feature';
import { TodosPreview } from './todos-preview';
import { todosPath } from './todo-lists';
import { KeepUnsaved } from './unsaved/keep-unsaved';
import { saveBeforeSignOut } from './unsaved/unsaved';
import { UnsavedNotice } from './unsaved-notice';

const TodosPage = lazyPage(() => import('./todos-page').then((m) => m.TodosPage));

/** Lists of what there is to do, of people and of organizations. */
export const todos: Feature = {
  place: {
    to: '/todos',
    label: 'Todos',
    action: 'Keep todos',
    about: 'Your own list, and those of your organizations.',
  },
  pages: { todos: TodosPage, 'todos/organizations/:organizationId': TodosPage },
  scopes: ['read:todos', 'write:todos'],
  introduction: {
    title: 'Keep your todos, alone or together',
    lead: 'A list of your own, one for each of your organizations, and the people you share them with.',
    picture: <TodosPreview />,
  },
  linkOf: ({ id, name }) => ({ to: todosPath(id), text: `Todos of ${name}` }),
  Provider: KeepUnsaved,
  Notice: UnsavedNotice,
  saveBeforeSignOut,
};
