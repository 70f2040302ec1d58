import type { ReactNode } from 'react';
import styles from './notice.module.css';

interface NoticeProps {
  heading: string;
  /** The heading's level: 1 when the notice is the whole page. */
  level: 1 | 2;
  tone?: 'info' | 'error' | undefined;
  children: ReactNode;
}

/** Something the person has to know, announced by screen readers when it appears. */
export function Notice({ heading, level, tone = 'info', children }: NoticeProps) {
  const Heading = level === 1 ? 'h1' : 'h2';
  return (
    <div
      role={tone === 'error' ? 'alert' : 'status'}
      className={[styles.notice, styles[tone]].join(' ')}
    >
      <Heading>{heading}</Heading>
      {children}
    </div>
  );
}
