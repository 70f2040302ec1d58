import { lazyPage } from '../../app/lazy-page';
import type { Feature } from '../feature';

export const people: Feature = {
  place: {
    to: '/people',
    label: 'People',
    action: 'Find people',
    about: 'Everyone who uses this app.',
  },
  pages: { people: lazyPage(() => import('./people-page').then((m) => m.PeoplePage)) },
  scopes: ['read:users'],
};
