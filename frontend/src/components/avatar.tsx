import { useState } from 'react';
import { useEnv } from '../config/env-context';
import styles from './avatar.module.css';

interface AvatarProps {
  name: string;
  /** The address of their picture, as Logto gives it. */
  picture: unknown;
  size?: 'small' | 'large';
}

/** A person's picture, or their initials. Hidden from screen readers: the name is beside it. */
export function Avatar({ name, picture, size = 'small' }: AvatarProps) {
  const { avatarOrigin } = useEnv();
  const [failed, setFailed] = useState<string>();
  // Other servers would learn who looks at the picture.
  const src = isAt(avatarOrigin, picture) && picture !== failed ? picture : undefined;
  return (
    <span className={[styles.avatar, styles[size]].join(' ')} aria-hidden="true">
      {initials(name)}
      {src && (
        <img
          src={src}
          alt=""
          onError={() => {
            setFailed(src);
          }}
        />
      )}
    </span>
  );
}

function isAt(origin: string | undefined, address: unknown): address is string {
  if (origin === undefined || typeof address !== 'string') return false;
  return URL.canParse(address) && new URL(address).origin === origin;
}

/** Of the first and the last word. */
function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word = '') => Array.from(word)[0]?.toUpperCase()).join('');
}
