import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { appName } from '../../config/app-name';
import { encoreError } from '../../testing/answers';
import { fakeLogto } from '../../testing/fake-logto';
import { aJwt } from '../../testing/jwt';
import { open } from '../../testing/render';
import { never } from '../../testing/timeouts';
import { stubTodoApi } from './todo-api-stub';
import { aTodo } from './a-todo';

const milk = aTodo({ id: 1, text: 'Buy milk' });
const user = userEvent.setup();

let stub: ReturnType<typeof stubTodoApi>;
const posts = () =>
  stub.fetch.mock.calls.map(([request]) => request).filter(({ method }) => method === 'POST');
const isDeletion = (request: Request) => request.url.endsWith('/todos/delete');
const deletions = () => stub.fetch.mock.calls.filter(([request]) => isDeletion(request));
const apiFails = (method: string, answer: () => Response | Promise<Response>) => {
  stub.api.fail = (request) => (request.method === method ? answer() : undefined);
};
// A page that was left goes on here, other than in a browser: so none tries again within a test.
const away = () => encoreError(503, 'unavailable', 'away', { retry_after: 60 });

beforeEach(() => {
  stub = stubTodoApi([milk]);
});

/** Opens the list, as a fresh page load of somebody would. */
async function openTodos(sub = 'alice0000001') {
  const logto = fakeLogto({ signedIn: true, sub });
  logto.client.getAccessToken.mockResolvedValue(aJwt({ scope: 'read:todos write:todos' }));
  open('/todos', logto);
  await screen.findByRole('region', { name: 'Todos' });
  return logto;
}

/** What closing or reloading the tab does. Returns whether the browser asks before. */
function leave(): boolean {
  const asks = !fireEvent(window, new Event('beforeunload', { cancelable: true }));
  fireEvent(window, new Event('pagehide'));
  cleanup();
  return asks;
}

async function goTo(name: string) {
  await user.click(screen.getByRole('link', { name }));
}

const add = (text: string) => user.type(screen.getByLabelText('New todo'), text);

describe('what is not saved', () => {
  test('is told on every page, asked about on leaving, and sent after a reload', async () => {
    apiFails('POST', away);
    await openTodos();
    await add('Buy salt{Enter}');
    await goTo(appName);
    expect(await screen.findByText('Not saved yet.')).toBeVisible();
    expect(leave()).toBe(true);

    stub.api.fail = undefined;
    await openTodos();
    await waitFor(() => {
      expect(stub.api.todos.map(({ text }) => text)).toEqual(['Buy salt', 'Buy milk']);
    });
    expect(await screen.findByRole('checkbox', { name: 'Buy salt' })).toBeEnabled();
    const keys = posts().map(({ headers }) => headers.get('Idempotency-Key'));
    expect(new Set(keys)).toHaveLength(1);
    await waitFor(() => {
      expect(sessionStorage.getItem('unsaved')).toBeNull();
    });
    expect(leave()).toBe(false);
  });

  test('survives a 401 while it is being saved, and is sent when the same person is back', async () => {
    apiFails('POST', () => encoreError(401, 'unauthenticated', 'expired'));
    await openTodos();
    await add('Buy salt{Enter}');
    expect(await screen.findByRole('heading', { name: 'You were signed out' })).toBeVisible();
    expect(screen.getByText(/What you typed is kept in this tab/)).toBeVisible();
    // Nobody is asked on the way to sign-in.
    expect(leave()).toBe(false);

    stub.api.fail = undefined;
    await openTodos();
    await waitFor(() => {
      expect(stub.api.todos.map(({ text }) => text)).toEqual(['Buy salt', 'Buy milk']);
    });
  });

  test('is neither sent nor kept when another person signs in', async () => {
    apiFails('POST', () => encoreError(401, 'unauthenticated', 'expired'));
    await openTodos();
    await add('Buy pepper{Enter}');
    await screen.findByRole('heading', { name: 'You were signed out' });
    leave();

    stub.api.fail = undefined;
    await openTodos('bob000000001');
    expect(screen.queryByText('Buy pepper')).not.toBeInTheDocument();
    expect(stub.api.todos).toEqual([milk]);
    expect(Object.values(sessionStorage).join()).not.toContain('Buy pepper');
  });

  test('when it was refused it is told on other pages, and comes back after a reload', async () => {
    apiFails('POST', () => encoreError(400, 'invalid_argument', 'not this'));
    await openTodos();
    await add('Buy salt{Enter}');
    await screen.findByText(/This was not added: not this/);
    expect(screen.queryByText('Not saved.')).not.toBeInTheDocument();
    await goTo(appName);
    expect(await screen.findByText('Not saved.')).toBeVisible();
    await goTo('See why');
    expect(await screen.findByText(/This was not added: not this/)).toBeVisible();
    expect(leave()).toBe(true);

    await openTodos();
    expect(await screen.findByText(/This was not added: not this/)).toBeVisible();
  });

  test('half-typed texts are there after going to another page, and after a reload', async () => {
    await openTodos();
    await add('Buy sa');
    await user.click(screen.getByRole('button', { name: 'Edit Buy milk' }));
    await user.keyboard('Buy oat mi');
    await goTo(appName);
    await goTo('Todos');
    expect(await screen.findByLabelText('New todo')).toHaveValue('Buy sa');
    expect(screen.getByRole('textbox', { name: 'Edit Buy milk' })).toHaveValue('Buy oat mi');
    expect(leave()).toBe(true);

    // Even if somebody has deleted what was being edited.
    stub.api.todos = [];
    await openTodos();
    expect(await screen.findByLabelText('New todo')).toHaveValue('Buy sa');
    await user.click(screen.getByRole('textbox', { name: 'Edit Buy milk' }));
    await user.keyboard('lk{Enter}');
    expect(await screen.findByText('Somebody has deleted this.')).toBeVisible();
    expect(screen.getByText('Buy oat milk')).toBeVisible();
  });

  test('what is typed in the place of something refused is there after leaving and a reload', async () => {
    apiFails('POST', () => encoreError(400, 'invalid_argument', 'not this'));
    await openTodos();
    await add('Buy salt{Enter}');
    await screen.findByText(/This was not added: not this/);
    const row = within(screen.getByText('Buy salt').closest('li') as HTMLElement);
    await user.click(row.getByRole('button', { name: 'Edit' }));
    await user.keyboard('Buy sea sa');
    await goTo(appName);
    await goTo('Todos');
    const field = () => screen.findByRole('textbox', { name: 'Edit Buy salt' });
    expect(await field()).toHaveValue('Buy sea sa');
    expect(leave()).toBe(true);

    await openTodos();
    expect(await field()).toHaveValue('Buy sea sa');
    stub.api.fail = undefined;
    await user.type(await field(), 'lt{Enter}');
    await waitFor(() => {
      expect(stub.api.todos.map(({ text }) => text)).toEqual(['Buy sea salt', 'Buy milk']);
    });
    await waitFor(() => {
      expect(sessionStorage.getItem('unsaved')).toBeNull();
    });
  });

  test('an edit that is finished or given up leaves nothing behind', async () => {
    await openTodos();
    await user.click(screen.getByRole('button', { name: 'Edit Buy milk' }));
    await user.keyboard('Buy oat milk{Escape}');
    await add('Buy salt{Enter}');
    await waitFor(() => {
      expect(stub.api.todos).toHaveLength(2);
    });
    await waitFor(() => {
      expect(sessionStorage.getItem('unsaved')).toBeNull();
    });
    expect(leave()).toBe(false);
  });
});

describe('a deletion that could still be undone', () => {
  test('is sent when the page is left', async () => {
    await openTodos();
    await user.click(screen.getByRole('button', { name: 'Delete Buy milk' }));
    fireEvent(window, new Event('pagehide'));
    await waitFor(() => {
      expect(stub.api.todos).toEqual([]);
    });
    const [request] = stub.fetch.mock.lastCall ?? [];
    expect(request).toMatchObject({ method: 'POST', keepalive: true });
  });

  test('is sent again after a reload, since nobody knows whether it arrived, without harm', async () => {
    await openTodos();
    await user.click(screen.getByRole('button', { name: 'Delete Buy milk' }));
    leave();
    await waitFor(() => {
      expect(stub.api.todos).toEqual([]);
    });
    expect(sessionStorage.getItem('unsaved')).toContain('delete');

    await openTodos();
    await waitFor(() => {
      expect(sessionStorage.getItem('unsaved')).toBeNull();
    });
    expect(deletions()).toHaveLength(2);
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    await screen.findByRole('link', { name: 'All 0' });
  });

  test('is sent after a reload when it has not arrived', async () => {
    apiFails('POST', away);
    await openTodos();
    await user.click(screen.getByRole('button', { name: 'Delete Buy milk' }));
    leave();
    await waitFor(() => {
      expect(deletions()).toHaveLength(1);
    });

    stub.api.fail = undefined;
    await openTodos();
    await waitFor(() => {
      expect(stub.api.todos).toEqual([]);
    });
  });

  test('of many is sent by one call when the page is left', async () => {
    stub.api.todos = Array.from({ length: 40 }, (_, i) => aTodo({ id: 40 - i, done: true }));
    await openTodos();
    await user.click(screen.getByRole('button', { name: 'Clear completed' }));
    leave();
    await waitFor(() => {
      expect(stub.api.todos).toEqual([]);
    });
    expect(deletions()).toHaveLength(1);
  });

  test('is sent before the person is signed out', async () => {
    const logto = await openTodos();
    await user.click(screen.getByRole('button', { name: 'Delete Buy milk' }));
    logto.client.signOut.mockImplementation(() => {
      expect(stub.api.todos).toEqual([]);
      return never;
    });
    await user.click(screen.getByRole('button', { name: 'Sign out', hidden: true }));
    await waitFor(() => {
      expect(logto.client.signOut).toHaveBeenCalledOnce();
    });
    expect(stub.api.todos).toEqual([]);
  });
});

describe('signing out', () => {
  test('asks before it loses something, and keeps nothing then', async () => {
    apiFails('POST', away);
    const logto = await openTodos();
    logto.client.signOut.mockReturnValue(never);
    await add('Buy salt{Enter}');
    await screen.findByText('Not saved yet.');
    await user.click(screen.getByRole('button', { name: 'Sign out', hidden: true }));
    expect(await screen.findByRole('dialog', { name: 'Not everything is saved' })).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Stay signed in' }));
    expect(logto.client.signOut).not.toHaveBeenCalled();
    expect(screen.getByRole('checkbox', { name: 'Buy salt' })).toBeInTheDocument();

    await user.click(screen.getByRole('button', { name: 'Sign out', hidden: true }));
    await user.click(await screen.findByRole('button', { name: 'Lose it and sign out' }));
    expect(logto.client.signOut).toHaveBeenCalledOnce();
    expect(sessionStorage.getItem('unsaved')).toBeNull();
    expect(leave()).toBe(false);
  });

  test('waits for what is being saved, and asks nothing', async () => {
    let answer: (() => void) | undefined;
    stub.api.fail = (request) =>
      request.method === 'POST'
        ? new Promise((resolve) => {
            answer = () => {
              resolve(undefined);
            };
          })
        : undefined;
    const logto = await openTodos();
    await add('Buy salt{Enter}');
    await waitFor(() => {
      expect(answer).toBeDefined();
    });
    await user.click(screen.getByRole('button', { name: 'Sign out', hidden: true }));
    expect(logto.client.signOut).not.toHaveBeenCalled();
    act(() => answer?.());
    await waitFor(() => {
      expect(logto.client.signOut).toHaveBeenCalledOnce();
    });
    expect(stub.api.todos).toHaveLength(2);
  });
});
