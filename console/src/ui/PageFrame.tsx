import type { ReactNode } from 'react';
import styles from './ui.module.css';

// Title line and body of a page. `plain`: the body neither scrolls nor pads (plant, trends).
export function PageFrame({ title, actions, children, plain = false }: {
  title: ReactNode; actions?: ReactNode; children: ReactNode; plain?: boolean;
}): ReactNode {
  return (
    <div className={styles.frame}>
      <div className={styles.head}>
        <h1>{title}</h1>
        <span className={styles.spring} />
        {actions}
      </div>
      <div className={plain ? styles.bodyPlain : styles.body}>{children}</div>
    </div>
  );
}
