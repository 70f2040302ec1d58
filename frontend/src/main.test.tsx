import { act, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { sendErrorsTo } from './config/report-error';

const error = new Error('of a component');
vi.mock('./app/pages', () => ({
  Pages: () => {
    throw error;
  },
}));

test('errors of components, and those that nobody catches, reach the error service', async () => {
  vi.spyOn(console, 'error').mockReturnValue();
  const service = vi.fn();
  sendErrorsTo(service);
  document.body.innerHTML = '<div id="root"></div>';
  await act(() => import('./main'));
  expect(await screen.findByRole('heading', { name: 'Something went wrong' })).toBeVisible();
  expect(service).toHaveBeenCalledExactlyOnceWith(error, expect.stringContaining('at Pages'));
  expect(console.error).toHaveBeenCalledWith(error);

  const uncaught = new Error('of a listener');
  window.dispatchEvent(new ErrorEvent('error', { error: uncaught }));
  expect(service).toHaveBeenLastCalledWith(uncaught);
  const reason = new Error('of a promise');
  window.dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason }));
  expect(service).toHaveBeenLastCalledWith(reason);
});
