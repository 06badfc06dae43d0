import { Button, CopyButton, Group } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { useNavigate, useRouteError } from 'react-router';
import styles from '~/ui/ui.module.css';
import { isPartMissing, mayReload } from './partMissing';
import { words } from './words';

// A page that failed; the shell around it goes on. Where a part of the page is not to be had, the
// server has another version since: the page is loaded anew, once.
export function PageFault(): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const error = useRouteError();
  const missing = isPartMissing(error);
  const text = error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error);
  useEffect(() => {
    if (missing && mayReload(Date.now())) window.location.reload();
  }, [missing]);
  return (
    <div className={styles.empty} role="alert">
      <h2>{t(missing ? 'partMissing' : 'crashed')}</h2>
      <p>{t(missing ? 'partMissingText' : 'crashedText')}</p>
      <code className="hw-mono">{text}</code>
      <Group justify="center">
        <Button onClick={() => window.location.reload()}>{t('reload')}</Button>
        <Button variant="default" onClick={() => void go('/')}>{t('home')}</Button>
        <CopyButton value={`${window.location.href}\n${text}\n` +
          (error instanceof Error ? error.stack ?? '' : '')}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>{t(copied ? 'copied' : 'copyFault')}</Button>)}
        </CopyButton>
      </Group>
    </div>
  );
}
