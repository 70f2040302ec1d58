import { screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encoreError, json, stubFetch } from '../testing/answers';
import { fakeLogto } from '../testing/fake-logto';
import { open } from '../testing/render';
import { sendErrorsTo } from './report-error';

const service = vi.fn();

beforeEach(() => {
  service.mockClear();
  sendErrorsTo(service);
});

afterEach(() => {
  sendErrorsTo(undefined);
});

describe('the error service', () => {
  test('gets an answer of another shape, and so does the console: which call, and what is wrong', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const fetch = stubFetch(() => json(200, { msg: 1 }));
    open('/under-the-hood/call', fakeLogto({ signedIn: true }));

    expect(await screen.findByText(/^Something unexpected went wrong/)).toBeVisible();
    expect(fetch).toHaveBeenCalledOnce();
    expect(service).toHaveBeenCalledOnce();
    const [error] = service.mock.lastCall as [Error];
    expect(error).toMatchObject({
      message: 'Unexpected answer: GET /api/hello',
      cause: { issues: [{ path: ['message'] }] },
    });
    expect(log).toHaveBeenCalledExactlyOnceWith(error);
  });

  test('gets an exception that is no outage, which is not tried again by itself', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const logto = fakeLogto({ signedIn: true });
    const cause = new TypeError('Cannot read properties of undefined (reading "request")');
    logto.client.getAccessToken.mockRejectedValue(cause);
    open('/under-the-hood/call', logto);

    expect(await screen.findByRole('heading', { name: 'That didn’t work' })).toBeVisible();
    expect(document.body).not.toHaveTextContent('undefined');
    expect(service).toHaveBeenCalledExactlyOnceWith(cause, undefined);
    const calls = logto.client.getAccessToken.mock.calls.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(logto.client.getAccessToken).toHaveBeenCalledTimes(calls);
    vi.useRealTimers();
  });

  test.each([
    ['an outage', 503, 'The service is unavailable'],
    ['a missing permission', 403, 'You don’t have permission for this'],
    ['a refusal', 400, 'That didn’t work'],
    ['the end of a session', 401, 'You were signed out'],
  ])('does not get %s', async (_case, status, heading) => {
    stubFetch(() => encoreError(status, 'code', 'message', { scope: 'read:hello' }));
    open('/under-the-hood/call', fakeLogto({ signedIn: true }));
    expect(await screen.findByRole('heading', { name: heading })).toBeVisible();
    expect(service).not.toHaveBeenCalled();
  });
});
