import type { UserInfoResponse } from '@logto/browser';
import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { deferred } from '../../testing/deferred';
import { fakeLogto } from '../../testing/fake-logto';
import { aJwt } from '../../testing/jwt';
import { open } from '../../testing/render';
import { stubTodoApi } from './todo-api-stub';

function aMember() {
  const logto = fakeLogto({ signedIn: true, organizations: ['org1', 'org2'] });
  logto.client.getAccessToken.mockResolvedValue(aJwt({ scope: 'read:todos write:todos' }));
  return logto;
}

test('the list of an organization is asked for with a token of it', async () => {
  stubTodoApi();
  const logto = aMember();
  open('/todos/organizations/org1', logto);
  expect(await screen.findByText(/Nothing here yet/)).toBeVisible();
  expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('Todos of org1');
  expect(logto.client.getAccessToken).toHaveBeenCalledWith('https://api.example/resource', 'org1');
  const lists = within(screen.getByRole('navigation', { name: 'Lists' }));
  expect(lists.getByRole('link', { name: 'org1' })).toHaveAttribute('aria-current', 'page');
  expect(lists.getByRole('link', { name: 'Mine' })).not.toHaveAttribute('aria-current');
});

test('an organization’s card leads to its list', async () => {
  stubTodoApi();
  open('/organizations', aMember());
  expect(await screen.findByRole('link', { name: 'Todos of org1' })).toHaveAttribute(
    'href',
    '/todos/organizations/org1',
  );
});

test('one the person is not in is not found, and nothing is asked for it', async () => {
  const { fetch } = stubTodoApi();
  const logto = aMember();
  const userInfo = deferred<UserInfoResponse>();
  logto.client.fetchUserInfo.mockReturnValue(userInfo.promise);
  open('/todos/organizations/Your%20account%20is%20locked', logto);
  expect(await screen.findByText('Looking for this list…')).toBeInTheDocument();

  userInfo.resolve(await logto.client.getIdTokenClaims());
  expect(await screen.findByRole('heading', { name: 'Page not found' })).toBeVisible();
  expect(document.body).not.toHaveTextContent('locked');
  expect(document.title).not.toContain('locked');
  expect(logto.client.getAccessToken).not.toHaveBeenCalled();
  expect(fetch).not.toHaveBeenCalled();
});

test('one they became a member of after they signed in is there once Logto has said so', async () => {
  stubTodoApi();
  const logto = aMember();
  const userInfo = deferred<UserInfoResponse>();
  logto.client.fetchUserInfo.mockReturnValue(userInfo.promise);
  open('/todos/organizations/org3', logto);
  expect(await screen.findByText('Looking for this list…')).toBeInTheDocument();

  const claims = await logto.client.getIdTokenClaims();
  userInfo.resolve({
    ...claims,
    organizations: ['org3'],
    organization_data: [{ id: 'org3', name: 'Initech', description: null }],
  });
  expect(await screen.findByRole('heading', { name: 'Todos of Initech' })).toBeVisible();
  expect(await screen.findByText(/Nothing here yet/)).toBeVisible();
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
  expect(await screen.findByText(/Nothing here yet/)).toBeVisible();
  expect(screen.queryByRole('navigation', { name: 'Lists' })).not.toBeInTheDocument();
});
