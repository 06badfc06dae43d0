import { Anchor, Button, Skeleton } from '@mantine/core';
import { Download } from 'lucide-react';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { send } from '~/lib/api';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { save } from '~/pages/gateway/flaws';
import styles from '~/pages/gateway/gateway.module.css';
import { ProblemAlert } from '~/ui';
import { useFacts } from './model';
import { NeedsRole } from './NeedsRole';
import { words } from './words';

const ThirdParties = lazy(() => import('./ThirdParties'));

function Parties(): ReactNode {
  const t = words.use();
  const [shown, setShown] = useState(false);
  return (
    <section className={`hw-panel ${styles.panel}`}>
      <h2>{t('thirdParties')}</h2>
      <p className={styles.dim} style={{ margin: '0 0 8px' }}>{t('thirdHelp')}</p>
      {shown ? <Suspense fallback={<Skeleton height={80} />}><ThirdParties /></Suspense>
        : <Button size="xs" variant="default" onClick={() => setShown(true)}>{t('show')}</Button>}
    </section>
  );
}

function Bundle(): ReactNode {
  const t = words.use();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const download = async () => {
    setBusy(true);
    setError(null);
    try {
      const answer = await send('/api/v1/system/bundle');
      const day = new Date().toISOString().slice(0, 10);
      save(`headworks-support-${day}.tar.gz`, 'application/gzip', await answer.blob());
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button size="xs" variant="default" leftSection={<Download size={14} />} loading={busy}
        onClick={() => void download()}>{t('bundleGet')}</Button>
      <ProblemAlert error={error} />
    </>
  );
}

export function About(): ReactNode {
  const t = words.use();
  const zone = useZone();
  const facts = useFacts();
  return (
    <div className={`${styles.page} ${styles.scroll}`} tabIndex={0}>
      <section className={`hw-panel ${styles.panel}`}>
        <h2>Headworks</h2>
        {facts.isError ? <ProblemAlert error={facts.error} />
          : !facts.data ? <Skeleton height={80} /> : (
            <dl className={styles.pairs}>
              <dt>{t('version')}</dt><dd>{facts.data.version}</dd>
              <dt>{t('build')}</dt><dd>{facts.data.build}</dd>
              <dt>{t('machine')}</dt><dd>{facts.data.machine.host}</dd>
              <dt>{t('started')}</dt>
              <dd>{formatTime(parseTime(facts.data.started), 'full', zone)}</dd>
              <dt>{t('license')}</dt><dd>Apache-2.0</dd>
            </dl>)}
      </section>
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{t('interfaces')}</h2>
        <dl className={styles.pairs}>
          <dt>{t('apiText')}</dt>
          <dd><Anchor href="/openapi.json" target="_blank" size="sm">/openapi.json</Anchor></dd>
          <dt>{t('metricsText')}</dt>
          <dd><Anchor href="/metrics" target="_blank" size="sm">/metrics</Anchor></dd>
          <dt>{t('readyText')}</dt>
          <dd><Anchor href="/readyz" target="_blank" size="sm">/readyz</Anchor></dd>
        </dl>
      </section>
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{t('bundle')}</h2>
        <p className={styles.dim} style={{ margin: '0 0 8px' }}>{t('bundleHelp')}</p>
        <NeedsRole role="administrator"><Bundle /></NeedsRole>
      </section>
      <Parties />
    </div>
  );
}
