import { render, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { ErrorBoundary } from './error-boundary';

function Broken(): never {
  throw new Error('of the page');
}

test('ErrorBoundary keeps a page that fails from taking the rest with it, and offers a way out', () => {
  vi.spyOn(console, 'error').mockReturnValue();
  render(
    <>
      <p>The rest</p>
      <ErrorBoundary>
        <Broken />
      </ErrorBoundary>
    </>,
  );
  expect(screen.getByText('The rest')).toBeVisible();
  expect(screen.getByRole('heading', { name: 'Something went wrong' })).toBeVisible();
  expect(screen.getByRole('button', { name: 'Load again' })).toBeVisible();
  expect(document.body).not.toHaveTextContent('of the page');
});
