import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { fakeLogto } from '../../testing/fake-logto';
import { aJwt } from '../../testing/jwt';
import { open } from '../../testing/render';
import { stubTodoApi } from '../../testing/todo-api';
import { deferred } from '../../testing/deferred';
import type { UserInfoResponse } from '@logto/react';

const membership = {
  organizations: ['org1', 'org2'],
  organization_roles: ['org1:admin', 'org1:editor'],
};

function aMember() {
  const logto = fakeLogto({ signedIn: true, ...membership });
  logto.client.getAccessToken.mockResolvedValue(aJwt({ scope: 'read:todos write:todos' }));
  return logto;
}

describe('organizations', () => {
  test('are known from the ID token at once, and by name when Logto has answered', async () => {
    const logto = aMember();
    const userInfo = deferred<UserInfoResponse>();
    logto.client.fetchUserInfo.mockReturnValue(userInfo.promise);
    open('/organizations', logto);
    const card = (await screen.findByRole('link', { name: 'org1' })).closest('li') as HTMLElement;
    expect(within(card).getByText('admin, editor')).toBeVisible();

    const claims = await logto.client.getIdTokenClaims();
    userInfo.resolve({
      ...claims,
      organization_data: [{ id: 'org1', name: 'Acme', description: 'Acme Inc' }],
    });
    expect(await screen.findByRole('link', { name: 'Acme' })).toBeVisible();
    expect(screen.getByText('Acme Inc')).toBeVisible();
    expect(screen.getByRole('link', { name: 'org2' })).toBeVisible();
  });

  test('the list of one is asked for with a token of it', async () => {
    stubTodoApi();
    const logto = aMember();
    open('/organizations/org1', logto);
    expect(await screen.findByText('Nothing to do here.')).toBeVisible();
    expect(logto.client.getAccessToken).toHaveBeenCalledWith(
      'https://api.example/resource',
      'org1',
    );
    const current = within(screen.getByRole('navigation', { name: 'Whose todos' }));
    expect(current.getByRole('link', { name: 'org1' })).toHaveAttribute('aria-current', 'page');
  });

  test('one the person is not known to be in is not called what the address says', async () => {
    stubTodoApi();
    open('/organizations/Your%20account%20is%20locked', aMember());
    expect(await screen.findByRole('heading', { name: 'Organization' })).toBeVisible();
    expect(document.body).not.toHaveTextContent('locked');
    await waitFor(() => {
      expect(document.title).toMatch(/^Organization · /);
    });
  });

  test('nulls and nonsense in what Logto says break no page', async () => {
    stubTodoApi();
    const logto = aMember();
    logto.client.fetchUserInfo.mockResolvedValue({
      sub: 'alice0000001',
      name: 7,
      organizations: null,
      organization_roles: [null],
      organization_data: [{ id: 'org1' }],
    } as unknown as UserInfoResponse);
    open('/todos', logto);
    expect(await screen.findByText('Nothing to do here.')).toBeVisible();
    expect(screen.queryByRole('navigation', { name: 'Whose todos' })).not.toBeInTheDocument();
  });

  test('who is in none is told so', async () => {
    open('/organizations', fakeLogto({ signedIn: true }));
    expect(
      await screen.findByRole('heading', { name: 'You are in no organization' }),
    ).toBeVisible();
  });
});
