import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Suspense } from 'react';
import { Route, Routes } from 'react-router';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { deferred } from '../testing/deferred';
import { fakeLogto } from '../testing/fake-logto';
import { withProviders } from '../testing/render';
import { ErrorBoundary } from './error-boundary';
import { Layout } from './layout';
import { lazyPage } from './lazy-page';

const NewPage = () => <p>The new page</p>;

describe('going to a page', () => {
  const openHome = (People: ReturnType<typeof lazyPage>) =>
    render(
      <Routes>
        <Route element={<Layout />}>
          <Route index element={<p>The old page</p>} />
          <Route path="people" element={<People />} />
        </Route>
      </Routes>,
      { wrapper: withProviders(fakeLogto({ signedIn: true })) },
    );

  test('shows that it is loading when its code takes its time', async () => {
    const code = deferred<typeof NewPage>();
    openHome(lazyPage(() => code.promise));
    await userEvent.click(await screen.findByRole('link', { name: 'People' }));
    expect(screen.getByText('Loading…')).toBeInTheDocument();
    expect(screen.queryByText('The old page')).not.toBeInTheDocument();

    await act(async () => {
      code.resolve(NewPage);
      await code.promise;
    });
    expect(await screen.findByText('The new page')).toBeVisible();
  });

  test('shows it at once when its code is there already', async () => {
    const importPage = vi.fn(() => Promise.resolve(NewPage));
    const People = lazyPage(importPage);
    await People.load();
    openHome(People);
    await userEvent.click(await screen.findByRole('link', { name: 'People' }));
    expect(screen.getByText('The new page')).toBeVisible();
    expect(importPage).toHaveBeenCalledOnce();
  });
});

describe('a page whose code can’t be loaded', () => {
  const original = window.location;
  const reload = vi.fn();

  beforeEach(() => {
    vi.spyOn(console, 'error').mockReturnValue();
    vi.useFakeTimers({ shouldAdvanceTime: true });
    vi.stubGlobal('location', { reload });
    reload.mockClear();
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.stubGlobal('location', original);
  });

  /** As a fresh page load would: nothing is remembered but the storage. */
  async function show(importPage: () => Promise<typeof NewPage>) {
    const Page = lazyPage(importPage);
    const { unmount } = await act(() =>
      Promise.resolve(
        render(
          <ErrorBoundary>
            <Suspense fallback="Loading…">
              <Page />
            </Suspense>
          </ErrorBoundary>,
        ),
      ),
    );
    return unmount;
  }
  const missing = () => Promise.reject(new TypeError('Failed to fetch'));

  test('is loaded again once, and after that says that it has failed', async () => {
    const leave = await show(missing);
    expect(reload).toHaveBeenCalledOnce();
    expect(screen.getByText('Loading…')).toBeVisible();
    leave();

    await show(missing);
    expect(await screen.findByRole('heading', { name: 'Something went wrong' })).toBeVisible();
    expect(reload).toHaveBeenCalledOnce();
  });

  test('is loaded again after the next deployment, too', async () => {
    (await show(missing))();
    (await show(() => Promise.resolve(NewPage)))();
    await show(missing);
    expect(reload).toHaveBeenCalledTimes(2);
  });

  test('says so when the person stays, whom the browser has asked', async () => {
    await show(missing);
    await act(() => vi.advanceTimersByTimeAsync(5_000));
    expect(screen.getByRole('heading', { name: 'Something went wrong' })).toBeVisible();
  });

  test('is not loaded again while the person is offline', async () => {
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    await show(missing);
    expect(await screen.findByRole('heading', { name: 'Something went wrong' })).toBeVisible();
    expect(reload).not.toHaveBeenCalled();
  });
});
