import { Skeleton } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import { DataTable, Empty, ProblemAlert, type Column } from '~/ui';
import styles from './broker.module.css';
import { ClientState } from './Clients';
import { usePage, type Client } from './model';
import { bytesText, countText } from './parts';
import { useParams } from './useParams';
import { words } from './words';

export function Slow(): ReactNode {
  const t = words.use();
  const { set } = useParams();
  const answer = usePage<Client>('slow', { limit: 100 });
  const columns: Column<Client>[] = useMemo(() => [
    { id: 'state', title: t('state'), width: 120, cell: (one) => <ClientState client={one} /> },
    { id: 'id', title: t('clientId'), cell: (one) => one.client_id, sort: (one) => one.client_id },
    { id: 'peer', title: t('peer'), width: 160, cell: (one) => one.peer ?? '–' },
    { id: 'dropped', title: t('dropped'), width: 110, right: true, sort: (one) => one.dropped,
      cell: (one) => countText(one.dropped) },
    { id: 'queued', title: t('queued'), width: 110, right: true, sort: (one) => one.queued,
      cell: (one) => countText(one.queued) },
    { id: 'queuedBytes', title: t('queuedBytes'), width: 120, right: true,
      sort: (one) => one.queued_bytes, cell: (one) => bytesText(one.queued_bytes) },
    { id: 'inflight', title: t('inflight'), width: 100, right: true, sort: (one) => one.inflight,
      cell: (one) => countText(one.inflight) },
    { id: 'socket', title: t('socket'), width: 150, right: true,
      sort: (one) => one.output_bytes ?? 0, cell: (one) => bytesText(one.output_bytes) },
  ], [t]);
  return (
    <div className={styles.page}>
      <div className={`${styles.dim} ${styles.small}`}>{t('slowText')}</div>
      <ProblemAlert error={answer.error} retry={() => void answer.refetch()} />
      {!answer.data ? !answer.error && <Skeleton height={240} />
        : answer.data.items.length === 0 ? (
          <Empty title={t('noSlow')} text={t('noSlowText')} command="headworks config show mqtt" />
        ) : (
          <div className={styles.fill}>
            <DataTable rows={answer.data.items} columns={columns} label={t('tab_slow')}
              rowKey={(one) => one.client_id}
              onOpen={(one) => set({ client: one.client_id }, true)} />
          </div>)}
    </div>
  );
}
