import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useRouteError } from 'react-router';
import styles from '~/ui/ui.module.css';
import { words } from './words';

// A page that failed; the shell around it goes on.
export function PageFault(): ReactNode {
  const t = words.use();
  const error = useRouteError();
  const text = error instanceof Error ? error.message : JSON.stringify(error);
  return (
    <div className={styles.empty} role="alert">
      <h2>{t('crashed')}</h2>
      <p>{t('crashedText')}</p>
      <code className="hw-mono">{text}</code>
      <Button onClick={() => window.location.reload()}>{t('reload')}</Button>
    </div>
  );
}
