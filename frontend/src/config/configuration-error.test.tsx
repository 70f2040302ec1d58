import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { ConfigurationError } from './configuration-error';

test('ConfigurationError names every variable and where to set it', () => {
  render(
    <ConfigurationError
      problems={[
        { variable: 'VITE_API_URL', reason: 'is missing' },
        { variable: 'VITE_LOGTO_ENDPOINT', reason: 'must not end with /oidc' },
      ]}
    />,
  );
  expect(screen.getByRole('alert')).toHaveTextContent('VITE_API_URL is missing');
  expect(screen.getByRole('alert')).toHaveTextContent('VITE_LOGTO_ENDPOINT must not end');
  expect(screen.getByRole('alert')).toHaveTextContent('frontend/.env.local');
});
