import type { ReactNode } from 'react';
import { Connectors } from './Connectors';
import styles from './gateway.module.css';
import { SinkQueues } from './SinkQueues';
import { Upstream } from './Upstream';

export function North(): ReactNode {
  return (
    <div className={`${styles.page} ${styles.scroll}`} tabIndex={0}>
      <Upstream />
      <Connectors />
      <SinkQueues />
    </div>
  );
}
