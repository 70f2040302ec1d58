import { fireEvent, render } from '@testing-library/react';
import { expect, test } from 'vitest';
import { EnvContext } from '../config/env-context';
import { testEnv } from '../testing/env';
import { Avatar } from './avatar';

const own = 'https://avatars.example/alice.png';

function show(picture: unknown, avatarOrigin?: string) {
  const { container } = render(
    <EnvContext value={{ ...testEnv, avatarOrigin }}>
      <Avatar name="Alice van Example" picture={picture} />
    </EnvContext>,
  );
  return container;
}

test('a picture from the origin that is set is shown, and the initials when it can’t be had', () => {
  const container = show(own, 'https://avatars.example');
  const image = container.querySelector('img');
  expect(image).toHaveAttribute('src', own);
  if (image) fireEvent.error(image);
  expect(container.querySelector('img')).toBeNull();
  expect(container).toHaveTextContent('AE');
});

test.each([
  ['of another origin', 'https://tracker.example/1.png', 'https://avatars.example'],
  ['that only begins like it', 'https://avatars.example.evil/1.png', 'https://avatars.example'],
  ['when no origin is set', own, undefined],
  ['that is no address', 'alice.png', 'https://avatars.example'],
  ['that is not there', null, 'https://avatars.example'],
])('a picture %s is never asked for', (_case, picture, origin) => {
  const container = show(picture, origin);
  expect(container.querySelector('img')).toBeNull();
  expect(container).toHaveTextContent('AE');
});
