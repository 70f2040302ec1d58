import type { Feature } from '../features/feature';
import { organizations } from '../features/organizations/organizations';
import { people } from '../features/people/people';
import { todos } from '../features/todos/todos';

/** The application's features, in the order of the header. */
export const features: Feature[] = Object.values({
  todos,
  organizations,
  people,
});
