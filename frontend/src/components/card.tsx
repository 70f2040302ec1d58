import { useId, type ReactNode } from 'react';
import styles from './card.module.css';

interface CardProps {
  heading: string;
  about?: ReactNode;
  children: ReactNode;
}

export function Card({ heading, about, children }: CardProps) {
  const id = useId();
  return (
    <section className={styles.card} aria-labelledby={id}>
      <h2 id={id}>{heading}</h2>
      {about && <p className={styles.about}>{about}</p>}
      {children}
    </section>
  );
}
