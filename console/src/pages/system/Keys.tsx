import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { formatTime, parseTime, useZone } from '~/lib/time';
import styles from '~/pages/gateway/gateway.module.css';
import { DataTable, Empty, ProblemAlert, State, type Column } from '~/ui';
import { KeyDialog } from './KeyDialog';
import { list, type ApiKey } from './model';
import { NeedsRole } from './NeedsRole';
import { words, type T } from './words';

export type KeyState = 'enabled' | 'disabled' | 'expired';

export const keyState = (key: ApiKey, now: number): KeyState =>
  (!key.enabled ? 'disabled'
    : key.expires && parseTime(key.expires) <= now ? 'expired' : 'enabled');

function columnsOf(t: T, zone: string): Column<ApiKey>[] {
  const time = (text: string | null) => formatTime(parseTime(text), 'full', zone);
  const state = (key: ApiKey) => keyState(key, Date.now());
  return [
    { id: 'state', title: t('state'), width: 130, sort: state,
      cell: (key) => (
        <State kind={state(key) === 'enabled' ? 'ok'
          : state(key) === 'expired' ? 'warn' : 'idle'}>{t(state(key))}</State>) },
    { id: 'name', title: t('keyName'), sort: (key) => key.name, cell: (key) => key.name },
    { id: 'role', title: t('role'), width: 130, sort: (key) => key.role,
      cell: (key) => t(`role_${key.role}`) },
    { id: 'scope', title: t('scope'),
      cell: (key) => <span className="hw-mono">{key.scope}</span> },
    { id: 'expires', title: t('expires'), width: 172, sort: (key) => parseTime(key.expires) || 0,
      cell: (key) => (key.expires ? time(key.expires) : t('never')) },
    { id: 'used', title: t('lastUsed'), width: 172, sort: (key) => parseTime(key.last_used) || 0,
      cell: (key) => time(key.last_used) },
    { id: 'by', title: t('createdBy'), width: 120, sort: (key) => key.created_by,
      cell: (key) => key.created_by || '–' },
  ];
}

export function Keys(): ReactNode {
  return <NeedsRole role="administrator"><KeyList /></NeedsRole>;
}

function KeyList(): ReactNode {
  const t = words.use();
  const zone = useZone();
  const [editing, setEditing] = useState<ApiKey | 'new' | null>(null);
  const keys = useQuery({
    queryKey: ['system', 'keys'],
    queryFn: ({ signal }) => list<ApiKey>('/api/v1/keys', signal),
  });
  if (keys.isError) return <ProblemAlert error={keys.error} retry={() => void keys.refetch()} />;
  if (!keys.data) return <Skeleton height={200} />;
  return (
    <div className={styles.page}>
      {keys.data.length === 0 ? (
        <Empty title={t('noKeys')} text={t('noKeysText')}
          action={{ label: t('newKey'), run: () => setEditing('new') }}
          command="headworks key create scada --role operator --scope 'works/#'" />
      ) : (
        <>
          <div className={styles.bar}>
            <span className={styles.dim}>{t('keysHelp')}</span>
            <span className={styles.spring} />
            <Button size="compact-sm" leftSection={<Plus size={14} />}
              onClick={() => setEditing('new')}>{t('newKey')}</Button>
          </div>
          <div className={styles.fill}>
            <DataTable rows={keys.data} columns={columnsOf(t, zone)} label={t('tab_keys')}
              rowKey={(key) => key.id} onOpen={setEditing} />
          </div>
        </>)}
      {editing && (
        <KeyDialog apiKey={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)} />)}
    </div>
  );
}
