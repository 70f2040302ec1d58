import type { ButtonHTMLAttributes } from 'react';
import styles from './button.module.css';

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> {
  variant?: 'primary' | 'quiet' | 'danger' | 'link';
  /** While its work is going on the button ignores presses, but keeps the focus and its name. */
  busy?: boolean;
}

export function Button({ variant = 'primary', busy = false, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={[styles.button, styles[variant]].join(' ')}
      aria-disabled={busy}
      onClick={busy ? undefined : onClick}
    />
  );
}
