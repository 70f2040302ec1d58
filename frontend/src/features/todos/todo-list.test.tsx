import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { appName } from '../../config/app-name';
import { encoreError } from '../../testing/answers';
import { deferred } from '../../testing/deferred';
import { fakeLogto } from '../../testing/fake-logto';
import { aJwt } from '../../testing/jwt';
import { open } from '../../testing/render';
import { never } from '../../testing/timeouts';
import { stubTodoApi } from './todo-api-stub';
import { aTodo } from './a-todo';

const bread = aTodo({ id: 2, text: 'Buy bread' });
const milk = aTodo({ id: 1, text: 'Buy milk' });

/** Opens the list of a person who may write, or has just the scopes given. */
async function openTodos(scope = 'read:todos write:todos', path = '/todos') {
  const logto = fakeLogto({ signedIn: true });
  logto.client.getAccessToken.mockResolvedValue(aJwt({ scope }));
  open(path, logto);
  await screen.findByRole('region', { name: 'Todos' });
}

const texts = () =>
  screen.queryAllByRole('checkbox').map((box) => box.closest('label')?.textContent);
const saved = () =>
  waitFor(() => {
    expect(document.querySelector('[aria-busy="true"]')).toBeNull();
  });

const user = () => userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTime(ms) });

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('TodoList', () => {
  test('a new todo is there before the API has answered, and the field is ready again', async () => {
    const { api } = stubTodoApi([milk]);
    const answer = deferred<undefined>();
    api.fail = (request) => (request.method === 'POST' ? answer.promise : undefined);
    await openTodos();

    await user().type(screen.getByLabelText('New todo'), '  Buy salt {Enter}');
    expect(texts()).toEqual(['Buy salt', 'Buy milk']);
    expect(screen.getByLabelText('New todo')).toHaveValue('');
    expect(screen.getByText('Added: Buy salt')).toBeInTheDocument();
    expect(screen.getByText('Saving…')).toBeInTheDocument();

    answer.resolve(undefined);
    await saved();
    expect(screen.queryByText('Saving…')).not.toBeInTheDocument();
    expect(texts()).toEqual(['Buy salt', 'Buy milk']);
    expect(api.todos.map(({ text }) => text)).toEqual(['Buy salt', 'Buy milk']);
  });

  test('ticking twice in a row ends as the person left it', async () => {
    const { api } = stubTodoApi([milk]);
    await openTodos();
    const box = screen.getByRole('checkbox', { name: 'Buy milk' });
    await user().click(box);
    expect(box).toBeChecked();
    await user().click(box);
    expect(box).not.toBeChecked();
    await saved();
    expect(box).not.toBeChecked();
    expect(api.todos).toMatchObject([{ done: false }]);
  });

  test('ticking twice before the first is saved ends as the person left it', async () => {
    const { api, fetch } = stubTodoApi([milk]);
    const answer = deferred<undefined>();
    api.fail = (request) => (request.method === 'PATCH' ? answer.promise : undefined);
    await openTodos();
    const box = screen.getByRole('checkbox', { name: 'Buy milk' });
    await user().click(box);
    await user().click(box);
    expect(box).not.toBeChecked();

    answer.resolve(undefined);
    await saved();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(box).not.toBeChecked();
    expect(api.todos).toMatchObject([{ done: false, version: 3 }]);
    expect(fetch.mock.calls.filter(([request]) => request.method === 'PATCH')).toHaveLength(2);
  });

  test('Escape leaves a text as it was, and the focus where it came from', async () => {
    const { fetch } = stubTodoApi([milk]);
    await openTodos();
    const before = fetch.mock.calls.length;
    await user().click(screen.getByRole('button', { name: 'Edit Buy milk' }));
    await user().keyboard('Buy oat milk{Escape}');
    expect(texts()).toEqual(['Buy milk']);
    expect(screen.getByRole('button', { name: 'Edit Buy milk' })).toHaveFocus();
    expect(fetch).toHaveBeenCalledTimes(before);
  });

  test('a deletion is sent when the time to undo it is over, and not before', async () => {
    const { api } = stubTodoApi([bread, milk]);
    await openTodos();
    await user().click(screen.getByRole('button', { name: 'Delete Buy bread' }));
    expect(texts()).toEqual(['Buy milk']);
    expect(screen.getByRole('checkbox', { name: 'Buy milk' })).toHaveFocus();
    await act(() => vi.advanceTimersByTimeAsync(7_000));
    expect(api.todos).toHaveLength(2);
    await act(() => vi.advanceTimersByTimeAsync(2_000));
    await waitFor(() => {
      expect(api.todos).toEqual([milk]);
    });
    expect(screen.queryByRole('button', { name: 'Undo' })).not.toBeInTheDocument();
  });

  test('the time to undo does not run while the button has the focus', async () => {
    const { api } = stubTodoApi([milk]);
    await openTodos();
    await user().click(screen.getByRole('button', { name: 'Delete Buy milk' }));
    act(() => {
      screen.getByRole('button', { name: 'Undo' }).focus();
    });
    await act(() => vi.advanceTimersByTimeAsync(60_000));
    await user().keyboard('{Enter}');
    expect(texts()).toEqual(['Buy milk']);
    expect(api.todos).toEqual([milk]);
    expect(screen.getByRole('checkbox', { name: 'Buy milk' })).toHaveFocus();
  });

  test('several deletions in a row are each undone, the last first', async () => {
    const { api } = stubTodoApi([bread, milk]);
    await openTodos();
    await user().click(screen.getByRole('button', { name: 'Delete Buy bread' }));
    await act(() => vi.advanceTimersByTimeAsync(6_000));
    await user().click(screen.getByRole('button', { name: 'Delete Buy milk' }));
    // The second gives the first more time as well.
    await act(() => vi.advanceTimersByTimeAsync(6_000));
    expect(texts()).toEqual([]);
    expect(screen.getByText(/and 1 before/)).toBeVisible();

    const undo = screen.getByRole('button', { name: 'Undo' });
    await user().click(undo);
    expect(texts()).toEqual(['Buy milk']);
    expect(screen.getByText('Brought back: Buy milk.')).toBeInTheDocument();
    expect(undo).toHaveFocus();
    await user().keyboard('{Enter}');
    expect(texts()).toEqual(['Buy bread', 'Buy milk']);
    expect(screen.getByRole('checkbox', { name: 'Buy bread' })).toHaveFocus();
    await act(() => vi.advanceTimersByTimeAsync(20_000));
    expect(api.todos).toHaveLength(2);
  });

  test('several deletions in a row are sent together', async () => {
    const { api, fetch } = stubTodoApi([bread, milk]);
    await openTodos();
    await user().click(screen.getByRole('button', { name: 'Delete Buy bread' }));
    await user().click(screen.getByRole('button', { name: 'Delete Buy milk' }));
    await act(() => vi.advanceTimersByTimeAsync(9_000));
    await waitFor(() => {
      expect(api.todos).toEqual([]);
    });
    const calls = fetch.mock.calls.filter(([request]) => request.url.endsWith('/todos/delete'));
    expect(calls).toHaveLength(1);
  });

  test('a deletion of what is gone already is no problem', async () => {
    const { api } = stubTodoApi([milk]);
    await openTodos();
    api.todos = [];
    await user().click(screen.getByRole('button', { name: 'Delete Buy milk' }));
    await user().click(screen.getByRole('link', { name: appName }));
    await user().click(screen.getByRole('link', { name: 'Todos' }));
    expect(await screen.findByText('Nothing here yet.')).toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  test('an outage keeps the change, says so, and sends it again by itself', async () => {
    const { api } = stubTodoApi([milk]);
    let isAway = true;
    api.fail = (request) =>
      request.method === 'PATCH' && isAway ? encoreError(503, 'unavailable', 'away') : undefined;
    await openTodos();
    await user().click(screen.getByRole('checkbox', { name: 'Buy milk' }));
    expect(await screen.findByText('Not saved yet.')).toBeVisible();
    expect(screen.getByRole('checkbox', { name: 'Buy milk' })).toBeChecked();

    isAway = false;
    await act(() => vi.advanceTimersByTimeAsync(10_000));
    await saved();
    expect(screen.queryByText('Not saved yet.')).not.toBeInTheDocument();
    expect(api.todos).toMatchObject([{ done: true }]);
  });

  test('a 429 keeps the change, and sends it again when told, with the same key', async () => {
    const { api, fetch } = stubTodoApi();
    let isBusy = true;
    api.fail = (request) =>
      request.method === 'POST' && isBusy
        ? encoreError(429, 'resource_exhausted', 'too many', { retry_after: 20 })
        : undefined;
    await openTodos();
    await user().type(screen.getByLabelText('New todo'), 'Buy milk{Enter}');
    expect(await screen.findByText('Not saved yet.')).toBeVisible();
    expect(screen.getByText(/sent as\s+soon as the service is less busy/)).toBeVisible();
    expect(screen.queryByText(/was not added/)).not.toBeInTheDocument();

    isBusy = false;
    const posts = () =>
      fetch.mock.calls.map(([request]) => request).filter(({ method }) => method === 'POST');
    await act(() => vi.advanceTimersByTimeAsync(15_000));
    expect(posts()).toHaveLength(1);
    await act(() => vi.advanceTimersByTimeAsync(15_000));
    await saved();
    expect(texts()).toEqual(['Buy milk']);
    const keys = posts().map(({ headers }) => headers.get('Idempotency-Key'));
    expect(keys).toEqual([keys[0], keys[0]]);
    expect(screen.queryByText('Not saved yet.')).not.toBeInTheDocument();
  });

  test('what is refused stays with the reason, and can be tried again', async () => {
    const { api } = stubTodoApi();
    api.fail = (request) =>
      request.method === 'POST'
        ? encoreError(400, 'invalid_argument', 'the text is too long')
        : undefined;
    await openTodos();
    await user().type(screen.getByLabelText('New todo'), 'Buy milk{Enter}');
    const problem = await screen.findByText(/This was not added: the text is too long/);
    expect(texts()).toEqual(['Buy milk']);

    api.fail = undefined;
    const row = problem.closest('li') as HTMLElement;
    await user().click(within(row).getByRole('button', { name: 'Try again' }));
    await saved();
    expect(texts()).toEqual(['Buy milk']);
    expect(api.todos).toHaveLength(1);
  });

  test('what is refused can be edited and sent again, as another todo to the API', async () => {
    const { api, fetch } = stubTodoApi([milk]);
    api.fail = (request) =>
      ['POST', 'PATCH'].includes(request.method)
        ? encoreError(400, 'invalid_argument', 'the text is odd')
        : undefined;
    await openTodos();
    await user().type(screen.getByLabelText('New todo'), 'Buy salt{Enter}');
    await screen.findByText(/This was not added/);
    api.fail = undefined;
    const row = within(screen.getByText('Buy salt').closest('li') as HTMLElement);
    await user().click(row.getByRole('button', { name: 'Edit' }));
    expect(screen.getByRole('textbox', { name: 'Edit Buy salt' })).toHaveFocus();
    await user().keyboard('Buy sea salt{Enter}');
    await saved();
    expect(texts()).toEqual(['Buy sea salt', 'Buy milk']);
    const keys = fetch.mock.calls
      .filter(([request]) => request.method === 'POST')
      .map(([request]) => request.headers.get('Idempotency-Key'));
    expect(new Set(keys)).toHaveLength(2);
  });

  test.each(['Try again', 'Discard'])('%s leaves the focus in the list', async (action) => {
    const { api } = stubTodoApi([bread, milk]);
    api.fail = (request) =>
      request.method === 'PATCH' ? encoreError(400, 'invalid_argument', 'odd') : undefined;
    await openTodos();
    await user().click(screen.getByRole('checkbox', { name: 'Buy milk' }));
    await screen.findByText(/Your change was not saved: odd/);
    api.fail = undefined;
    await user().click(screen.getByRole('button', { name: action }));
    await saved();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(screen.getByRole('checkbox', { name: 'Buy milk' })).toHaveFocus();
  });

  test('discarding what was never added leaves the focus at the next todo', async () => {
    const { api } = stubTodoApi([milk]);
    api.fail = (request) =>
      request.method === 'POST' ? encoreError(400, 'invalid_argument', 'odd') : undefined;
    await openTodos();
    await user().type(screen.getByLabelText('New todo'), 'Buy salt{Enter}');
    await user().click(await screen.findByRole('button', { name: 'Discard' }));
    await waitFor(() => {
      expect(texts()).toEqual(['Buy milk']);
    });
    expect(screen.getByRole('checkbox', { name: 'Buy milk' })).toHaveFocus();
  });

  test('a text that is too long is not sent, stays, and says by how much', async () => {
    const { api, fetch } = stubTodoApi([milk]);
    await openTodos();
    const before = fetch.mock.calls.length;
    const field = screen.getByLabelText('New todo');
    await user().click(field);
    await user().paste('x'.repeat(512));
    await user().keyboard('{Enter}');
    expect(screen.getByText('Too long by 12: the limit is 500 characters.')).toBeVisible();
    expect(field).toBeInvalid();
    expect(field).toHaveValue('x'.repeat(512));
    expect(fetch).toHaveBeenCalledTimes(before);

    // As people count them: each of these has eleven code units.
    await user().clear(field);
    await user().paste('👨‍👩‍👧‍👦'.repeat(500));
    expect(field).toBeValid();
    await user().keyboard('{Enter}');
    await waitFor(() => {
      expect(api.todos).toHaveLength(2);
    });
  });

  test('an edit of what somebody deleted can be added again', async () => {
    const { api } = stubTodoApi([milk]);
    await openTodos();
    await user().click(screen.getByRole('button', { name: 'Edit Buy milk' }));
    api.todos = [];
    await user().keyboard('Buy oat milk{Enter}');
    expect(await screen.findByText('Somebody has deleted this.')).toBeVisible();
    // Once the list has been read again, too.
    await user().click(screen.getByRole('link', { name: appName }));
    await act(() => vi.advanceTimersByTimeAsync(20_000));
    await user().click(screen.getByRole('link', { name: 'Todos' }));
    await waitFor(() => {
      expect(screen.queryByRole('button', { name: 'Edit Buy milk' })).not.toBeInTheDocument();
    });
    expect(screen.getByText('Buy oat milk')).toBeVisible();
    await user().click(screen.getByRole('button', { name: 'Add it again' }));
    await waitFor(() => {
      expect(api.todos).toMatchObject([{ text: 'Buy oat milk' }]);
    });
    await waitFor(() => {
      expect(texts()).toEqual(['Buy oat milk']);
    });
  });

  test('a conflict shows theirs and mine, and theirs can be kept', async () => {
    const { api } = stubTodoApi([milk]);
    await openTodos();
    await user().click(screen.getByRole('button', { name: 'Edit Buy milk' }));
    api.todos = [{ ...milk, text: 'Buy soy milk', version: 2 }];
    await user().keyboard('Buy oat milk{Enter}');
    expect(await screen.findByText(/Somebody else changed this/)).toBeVisible();
    expect(screen.getByText('Buy oat milk')).toBeVisible();
    expect(texts()).toEqual(['Buy soy milk']);
    await user().click(screen.getByRole('button', { name: 'Keep theirs' }));
    await waitFor(() => {
      expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    });
    expect(screen.getByRole('checkbox', { name: 'Buy soy milk' })).toHaveFocus();
    expect(texts()).toEqual(['Buy soy milk']);
    expect(api.todos).toMatchObject([{ text: 'Buy soy milk' }]);
  });

  test('the next page follows the first', async () => {
    stubTodoApi(
      Array.from({ length: 70 }, (_, i) => aTodo({ id: 70 - i, text: `Todo ${String(70 - i)}` })),
    );
    await openTodos();
    expect(texts()).toHaveLength(50);
    await user().click(screen.getByRole('button', { name: 'Show more' }));
    await waitFor(() => {
      expect(texts()).toHaveLength(70);
    });
    expect(texts().at(-1)).toBe('Todo 1');
    expect(screen.queryByRole('button', { name: 'Show more' })).not.toBeInTheDocument();
  });

  test('who may only read is told what changing takes', async () => {
    stubTodoApi([milk]);
    await openTodos('read:todos');
    expect(await screen.findByText('write:todos')).toBeVisible();
    expect(screen.queryByLabelText('New todo')).not.toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Edit Buy milk' })).not.toBeInTheDocument();
    await user().click(screen.getByRole('checkbox', { name: 'Buy milk' }));
    expect(screen.getByRole('checkbox', { name: 'Buy milk' })).not.toBeChecked();
  });

  test('shows the open ones, and those that are done, by the address', async () => {
    const { fetch } = stubTodoApi([bread, { ...milk, done: true }]);
    await openTodos();
    expect(screen.getByRole('link', { name: 'All 2' })).toHaveAttribute('aria-current', 'page');
    await user().click(screen.getByRole('link', { name: 'Open 1' }));
    // At once, from what is known already.
    expect(texts()).toEqual(['Buy bread']);
    expect(window.location.search).toBe('?state=open');
    expect(screen.getByRole('link', { name: 'Open 1' })).toHaveFocus();
    await user().click(screen.getByRole('link', { name: 'Done 1' }));
    expect(texts()).toEqual(['Buy milk']);
    await waitFor(() => {
      const { searchParams } = new URL(fetch.mock.lastCall?.[0].url ?? '');
      expect(searchParams.get('state')).toBe('done');
    });
    await user().click(screen.getByRole('link', { name: 'All 2' }));
    expect(window.location.search).toBe('');
    expect(texts()).toEqual(['Buy bread', 'Buy milk']);
  });

  test('what an address names is loaded alone, and an unknown one shows all', async () => {
    const { fetch } = stubTodoApi([bread, { ...milk, done: true }]);
    await openTodos(undefined, '/todos?state=done');
    expect(texts()).toEqual(['Buy milk']);
    const asked = fetch.mock.calls.map(([{ url }]) => new URL(url).searchParams.get('state'));
    expect(asked).toEqual(['done']);
    cleanup();

    await openTodos(undefined, '/todos?state=half');
    expect(texts()).toEqual(['Buy bread', 'Buy milk']);
  });

  test('until a filter has its answer nothing is said to be empty', async () => {
    const { api } = stubTodoApi([bread]);
    await openTodos(undefined, '/todos?state=open');
    const answer = deferred<undefined>();
    api.fail = () => answer.promise;
    await user().click(screen.getByRole('link', { name: 'Done 0' }));
    expect(screen.getByText('Loading todos…')).toBeInTheDocument();
    answer.resolve(undefined);
    expect(await screen.findByText('Nothing done yet.')).toBeVisible();
  });

  test('what is ticked goes from the open ones, the focus to the next, and the counts follow', async () => {
    const { api } = stubTodoApi([bread, milk]);
    const answer = deferred<undefined>();
    api.fail = (request) => (request.method === 'PATCH' ? answer.promise : undefined);
    await openTodos(undefined, '/todos?state=open');
    await user().click(screen.getByRole('checkbox', { name: 'Buy bread' }));
    expect(texts()).toEqual(['Buy milk']);
    expect(screen.getByRole('checkbox', { name: 'Buy milk' })).toHaveFocus();
    // Before it is saved, too.
    expect(screen.getByRole('link', { name: 'Done 1' })).toBeVisible();
    await user().click(screen.getByRole('link', { name: 'Done 1' }));
    await waitFor(() => {
      expect(texts()).toEqual(['Buy bread']);
    });
    answer.resolve(undefined);
    await saved();
    expect(texts()).toEqual(['Buy bread']);
    expect(screen.getByRole('link', { name: 'Open 1' })).toBeVisible();
    expect(screen.getByRole('link', { name: 'Done 1' })).toBeVisible();
  });

  test('many completed todos are cleared by one call, and brought back at once', async () => {
    const done = Array.from({ length: 120 }, (_, i) =>
      aTodo({ id: 200 - i, text: `Todo ${String(i)}`, done: true }),
    );
    const { api, fetch } = stubTodoApi([...done, milk]);
    const deletions = () =>
      fetch.mock.calls.filter(([request]) => request.url.endsWith('/todos/delete'));
    await openTodos();
    // Most of them are not in memory yet.
    expect(texts()).toHaveLength(50);
    const clear = () => screen.getByRole('button', { name: 'Clear completed' });
    await user().click(clear());
    expect(await screen.findByText('120 todos')).toBeVisible();
    expect(screen.getByRole('link', { name: 'All 1' })).toHaveFocus();
    expect(screen.queryByRole('button', { name: 'Clear completed' })).not.toBeInTheDocument();
    await user().click(screen.getByRole('button', { name: 'Undo' }));
    expect(screen.getByRole('link', { name: 'Done 120' })).toBeVisible();
    expect(texts()).toHaveLength(50);
    expect(deletions()).toHaveLength(0);

    await user().click(clear());
    await screen.findByText('120 todos');
    await act(() => vi.advanceTimersByTimeAsync(9_000));
    await waitFor(() => {
      expect(api.todos).toEqual([milk]);
    });
    expect(deletions()).toHaveLength(1);
    await waitFor(() => {
      expect(texts()).toEqual(['Buy milk']);
    });
    expect(screen.getByRole('link', { name: 'Done 0' })).toBeVisible();
  });

  test('clearing takes no account of answers that don’t come when all are in memory', async () => {
    const { api } = stubTodoApi([bread, { ...milk, done: true }]);
    await openTodos();
    api.fail = () => never;
    await user().click(screen.getByRole('button', { name: 'Clear completed' }));
    expect(texts()).toEqual(['Buy bread']);
    expect(screen.getByText('Buy milk')).toBeVisible();
    await user().keyboard('{Control>}z{/Control}');
    expect(texts()).toEqual(['Buy bread', 'Buy milk']);
    expect(screen.getByRole('checkbox', { name: 'Buy milk' })).toHaveFocus();
  });

  test('while the API is away those that are in memory are cleared', async () => {
    const done = Array.from({ length: 60 }, (_, i) => aTodo({ id: 200 - i, done: true }));
    const { api } = stubTodoApi(done);
    await openTodos();
    api.fail = () => encoreError(503, 'unavailable', 'away');
    await user().click(screen.getByRole('button', { name: 'Clear completed' }));
    expect(await screen.findByText('50 todos')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Done 10' })).toBeVisible();
  });

  test('who may only read gets no button to clear', async () => {
    stubTodoApi([{ ...milk, done: true }]);
    await openTodos('read:todos');
    await screen.findByText('write:todos');
    expect(screen.queryByRole('button', { name: 'Clear completed' })).not.toBeInTheDocument();
  });

  test('many that are not deleted are there again, with the reason once', async () => {
    const { api } = stubTodoApi([bread, milk].map((todo) => ({ ...todo, done: true })));
    api.fail = (request) =>
      request.method === 'POST' ? encoreError(400, 'invalid_argument', 'odd') : undefined;
    await openTodos();
    await user().click(screen.getByRole('button', { name: 'Clear completed' }));
    await act(() => vi.advanceTimersByTimeAsync(9_000));
    expect(await screen.findByText('2 todos were not deleted: odd')).toBeVisible();
    expect(screen.getAllByRole('alert')).toHaveLength(1);
    expect(texts()).toEqual(['Buy bread', 'Buy milk']);
    api.fail = undefined;
    await user().click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => {
      expect(api.todos).toEqual([]);
    });
    expect(await screen.findByText('Nothing here yet.')).toBeVisible();
  });

  test('a tick that somebody else’s change came before is told, and can be kept', async () => {
    const { api } = stubTodoApi([milk]);
    await openTodos();
    api.todos = [{ ...milk, text: 'Buy soy milk', version: 2 }];
    await user().click(screen.getByRole('checkbox', { name: 'Buy milk' }));
    expect(await screen.findByText(/Somebody else changed this/)).toBeVisible();
    expect(screen.getByText('You marked it as done.')).toBeVisible();
    expect(texts()).toEqual(['Buy soy milk']);
    await user().click(screen.getByRole('button', { name: 'Keep mine' }));
    await saved();
    expect(api.todos).toMatchObject([{ text: 'Buy soy milk', done: true }]);
    expect(screen.getByRole('checkbox', { name: 'Buy soy milk' })).toHaveFocus();
  });
});
