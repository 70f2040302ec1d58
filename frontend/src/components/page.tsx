import type { ReactNode } from 'react';
import { appName } from '../config/app-name';
import styles from './page.module.css';

interface PageProps {
  title: string;
  lead: ReactNode;
  children: ReactNode;
}

/** A page: document title, heading, a sentence and the content. */
export function Page({ title, lead, children }: PageProps) {
  return (
    <article className={styles.page}>
      <title>{`${title} · ${appName}`}</title>
      <header>
        <h1>{title}</h1>
        <p className={styles.lead}>{lead}</p>
      </header>
      {children}
    </article>
  );
}
