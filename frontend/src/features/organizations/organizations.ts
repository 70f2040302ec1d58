import { lazyPage } from '../../app/lazy-page';
import type { Feature } from '../feature';

export const organizations: Feature = {
  place: {
    to: '/organizations',
    label: 'Organizations',
    action: 'See your memberships',
    about: 'Your organizations, and your roles in them.',
  },
  pages: {
    organizations: lazyPage(() => import('./organizations-page').then((m) => m.OrganizationsPage)),
  },
};
