/** The pages for people, in the header's order. `action` and `about` stand on the home page. */
export const places = [
  {
    to: '/todos',
    label: 'Todos',
    action: 'Keep todos',
    about: 'Your own list, and those of your organizations.',
  },
  {
    to: '/organizations',
    label: 'Organizations',
    action: 'See your memberships',
    about: 'Your organizations, and your roles in them.',
  },
  {
    to: '/people',
    label: 'People',
    action: 'Find people',
    about: 'Everyone who uses this app.',
  },
];
