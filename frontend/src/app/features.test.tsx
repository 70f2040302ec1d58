import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test, vi } from 'vitest';
import type { Feature } from '../features/feature';
import { fakeLogto } from '../testing/fake-logto';
import { open } from '../testing/render';
import { lazyPage } from './lazy-page';
import { features } from './features';

const notes: Feature = {
  place: { to: '/notes', label: 'Notes', action: 'Write notes', about: 'What you write down.' },
  pages: { notes: lazyPage(() => Promise.resolve(() => <h1>My notes</h1>)) },
};
const member = { signedIn: true, organizations: ['acme'] };
const user = userEvent.setup();

describe('a feature', () => {
  test('has a place in the header, in the menu and on the home page, which lead to its page', async () => {
    open('/', fakeLogto(member), [notes]);
    expect(await screen.findByRole('link', { name: 'Write notes' })).toBeVisible();
    expect(screen.getByText('What you write down.')).toBeVisible();
    expect(screen.getAllByRole('link', { name: 'Notes', hidden: true })).toHaveLength(2);
    await user.click(screen.getByRole('link', { name: 'Notes' }));
    expect(await screen.findByRole('heading', { name: 'My notes' })).toBeVisible();
  });

  test('stands above the pages and at the top of each', async () => {
    const feature: Feature = {
      ...notes,
      Provider: ({ children }) => <div aria-label="Notes of all">{children}</div>,
      Notice: () => <p>A note is open.</p>,
    };
    open('/no/such/page', fakeLogto(member), [feature]);
    const below = within(await screen.findByLabelText('Notes of all'));
    expect(await below.findByRole('heading', { name: 'Page not found' })).toBeVisible();
    expect(within(below.getByRole('main')).getByText('A note is open.')).toBeVisible();
  });

  test('introduces the application, which otherwise introduces itself', async () => {
    const introduction = { title: 'Write it down', lead: 'Wherever you are.', picture: <i>🗒</i> };
    const { unmount } = open('/', fakeLogto({ signedIn: false }), [{ ...notes, introduction }]);
    expect(await screen.findByRole('heading', { name: 'Write it down' })).toBeVisible();
    expect(screen.getByText('Wherever you are.')).toBeVisible();
    expect(screen.getByText('🗒')).toBeVisible();
    unmount();

    open('/', fakeLogto({ signedIn: false }), [notes]);
    expect(await screen.findByRole('heading', { name: 'Sign in to get started' })).toBeVisible();
    expect(screen.getByRole('button', { name: 'Create an account' })).toBeVisible();
  });

  test('is linked from each organization', async () => {
    const linkOf: Feature['linkOf'] = ({ id, name }) => ({
      to: `/notes/${id}`,
      text: `Notes of ${name}`,
    });
    open('/organizations', fakeLogto(member), [...features, { ...notes, linkOf }]);
    const link = await screen.findByRole('link', { name: 'Notes of acme' });
    expect(link).toHaveAttribute('href', '/notes/acme');
  });

  test.each([true, false])(
    'is asked before a sign-out whether it would lose something: %s',
    async (loses) => {
      const logto = fakeLogto(member);
      const saveBeforeSignOut = vi.fn(() => Promise.resolve(loses));
      open('/', logto, [{ ...notes, saveBeforeSignOut }]);
      await user.click(await screen.findByRole('button', { name: 'Sign out', hidden: true }));
      await waitFor(() => {
        expect(saveBeforeSignOut).toHaveBeenCalledOnce();
      });
      if (loses) {
        expect(
          await screen.findByRole('dialog', { name: 'Not everything is saved' }),
        ).toBeVisible();
        expect(logto.client.signOut).not.toHaveBeenCalled();
        await user.click(screen.getByRole('button', { name: 'Lose it and sign out' }));
      }
      await waitFor(() => {
        expect(logto.client.signOut).toHaveBeenCalledOnce();
      });
    },
  );
});
