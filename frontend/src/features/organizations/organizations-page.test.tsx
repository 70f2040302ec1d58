import type { UserInfoResponse } from '@logto/browser';
import { screen, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { deferred } from '../../testing/deferred';
import { fakeLogto } from '../../testing/fake-logto';
import { open } from '../../testing/render';

const membership = {
  organizations: ['org1', 'org2'],
  organization_roles: ['org1:admin', 'org1:editor'],
};

const cardOf = async (name: string) =>
  within((await screen.findByRole('heading', { name })).closest('li') as HTMLElement);

describe('organizations', () => {
  test('are known from the ID token at once, and by name when Logto has answered', async () => {
    const logto = fakeLogto({ signedIn: true, ...membership });
    const userInfo = deferred<UserInfoResponse>();
    logto.client.fetchUserInfo.mockReturnValue(userInfo.promise);
    open('/organizations', logto);
    expect((await cardOf('org1')).getByText('admin, editor')).toBeVisible();
    expect((await cardOf('org2')).getByText('none')).toBeVisible();

    const claims = await logto.client.getIdTokenClaims();
    userInfo.resolve({
      ...claims,
      organization_data: [{ id: 'org1', name: 'Acme', description: 'Acme Inc' }],
    });
    const acme = await cardOf('Acme');
    expect(acme.getByText('Acme Inc')).toBeVisible();
    expect(screen.getByRole('heading', { name: 'org2' })).toBeVisible();
  });

  test('who is in none is told so', async () => {
    open('/organizations', fakeLogto({ signedIn: true }));
    expect(
      await screen.findByRole('heading', { name: 'You are not in an organization yet' }),
    ).toBeVisible();
  });
});
