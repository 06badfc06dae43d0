import { Button, Skeleton } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { useMay } from '~/lib/session';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { DataTable, Empty, ProblemAlert, type Column } from '~/ui';
import { BanDialog, LiftDialog } from './actions';
import styles from './broker.module.css';
import { usePage, type Ban } from './model';
import { words } from './words';

export function Bans(): ReactNode {
  const t = words.use();
  const zone = useZone();
  const may = useMay('engineer');
  const [adding, setAdding] = useState(false);
  const [lifting, setLifting] = useState<Ban | null>(null);
  const answer = usePage<Ban>('bans', {});
  const columns: Column<Ban>[] = useMemo(() => [
    { id: 'kind', title: t('kind'), width: 120, cell: (one) => t(`kind_${one.kind}`),
      sort: (one) => one.kind },
    { id: 'value', title: t('value'), cell: (one) => <span className="hw-mono">{one.value}</span>,
      sort: (one) => one.value },
    { id: 'until', title: t('until'), width: 170, sort: (one) => parseTime(one.until) || Infinity,
      cell: (one) => one.until ? formatTime(parseTime(one.until), 'full', zone) : t('for_ever') },
    { id: 'reason', title: t('reason'), cell: (one) => (
      <span title={one.reason}>{one.reason || '–'}</span>) },
    { id: 'by', title: t('by'), width: 120, cell: (one) => one.created_by || '–',
      sort: (one) => one.created_by },
    { id: 'at', title: t('at'), width: 170, sort: (one) => parseTime(one.created_at),
      cell: (one) => formatTime(parseTime(one.created_at), 'full', zone) },
    ...(may ? [{ id: 'lift', title: '', width: 90, cell: (one: Ban) => (
      <Button size="compact-xs" variant="default" onClick={() => setLifting(one)}>
        {t('lift')}…</Button>) }] : []),
  ], [t, zone, may]);
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <span className={`${styles.dim} ${styles.small}`}>{t('bansHint')}</span>
        <span className={styles.spring} />
        {may ? (
          <Button size="compact-sm" leftSection={<Plus size={14} />}
            onClick={() => setAdding(true)}>{t('newBan')}</Button>
        ) : <span className={styles.dim}>{t('needEngineer')}</span>}
      </div>
      <ProblemAlert error={answer.error} retry={() => void answer.refetch()} />
      {!answer.data ? !answer.error && <Skeleton height={240} />
        : answer.data.items.length === 0 ? (
          <Empty title={t('noBans')} text={t('noBansText')}
            action={may ? { label: t('newBan'), run: () => setAdding(true) } : undefined}
            command={`curl ${location.origin}/api/v1/mqtt/bans ` +
              `-d '{"kind":"client","value":"noisy-1","for":"1h"}'`} />
        ) : (
          <div className={styles.fill}>
            <DataTable rows={answer.data.items} columns={columns} label={t('tab_bans')}
              rowKey={(one) => `${one.kind} ${one.value}`} />
          </div>)}
      {adding && <BanDialog onClose={() => setAdding(false)} />}
      {lifting && <LiftDialog ban={lifting} onClose={() => setLifting(null)} />}
    </div>
  );
}
