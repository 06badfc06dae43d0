import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { getJson, query } from '~/lib/api';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { DataTable, ProblemAlert, State, type Column } from '~/ui';
import { changedMembers } from './changed';
import styles from './gateway.module.css';
import { words } from './words';

interface AuditRecord {
  time: string;
  actor: string;
  action: string;
  old: unknown;
  new: unknown;
  result: string;
  detail: string;
}

// Who changed the device or wrote to its points, what, and when: from the audit.
export function DeviceChanges({ name }: { name: string }): ReactNode {
  const t = words.use();
  const zone = useZone();
  const list = useQuery({
    queryKey: ['gateway', 'changes', name],
    queryFn: async ({ signal }) => {
      const of = (filter: string) => getJson<{ items: AuditRecord[] }>(
        `/api/v1/audit${query({ filter, limit: 200 })}`, { signal });
      const [own, below] = await Promise.all([of(name), of(`${name}/+`)]);
      return [...own.items, ...below.items]
        .sort((a, b) => parseTime(b.time) - parseTime(a.time));
    },
    refetchInterval: 10_000,
  });
  const columns: Column<AuditRecord>[] = [
    { id: 'time', title: t('when'), width: 184, sort: (one) => parseTime(one.time),
      cell: (one) => formatTime(parseTime(one.time), 'full', zone) },
    { id: 'who', title: t('who'), width: 130, cell: (one) => one.actor || t('nobody') },
    { id: 'what', title: t('what'), width: 150, cell: (one) => one.action },
    { id: 'result', title: t('result'), width: 120, cell: (one) => one.result === 'ok'
      ? <State kind="ok">{t('done')}</State> : <State kind="warn">{one.result}</State> },
    { id: 'detail', title: t('changed'), cell: (one) => {
      const text = one.detail || changedMembers(one.old, one.new);
      return <span className={styles.dim} title={text}>{text || '–'}</span>;
    } },
  ];
  if (list.isError) return <ProblemAlert error={list.error} />;
  return (
    <div className={styles.fill} style={{ height: '100%' }}>
      <DataTable rows={list.data ?? []} columns={columns} label={t('part_changes')}
        rowKey={(one) => `${one.time} ${one.action}`} empty={t('noChangesYet')} />
    </div>
  );
}
