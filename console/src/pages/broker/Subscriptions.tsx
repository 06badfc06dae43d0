import { Checkbox, Skeleton, TextInput } from '@mantine/core';
import { X } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import { DataTable, Empty, ProblemAlert, type Column } from '~/ui';
import styles from './broker.module.css';
import { optionsText } from './Clients';
import { pageRows, usePage, type Subscription } from './model';
import { Pager, SearchBox } from './parts';
import { useParams } from './useParams';
import { words } from './words';

export function Subscriptions(): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const answer = usePage<Subscription>('subscriptions', {
    filter: get('q') || undefined, client: get('of') || undefined,
    shared: get('shared') === '1' || undefined, limit: pageRows,
    cursor: get('cursor') || undefined });
  const columns: Column<Subscription>[] = useMemo(() => [
    { id: 'filter', title: t('filter'), sort: (one) => one.filter,
      cell: (one) => <span className="hw-mono" title={one.filter}>{one.filter}</span> },
    { id: 'client', title: t('clientId'), width: '32%', sort: (one) => one.client_id,
      cell: (one) => one.client_id },
    { id: 'qos', title: 'QoS', width: 60, right: true, sort: (one) => one.qos,
      cell: (one) => one.qos },
    { id: 'options', title: t('options'), width: '24%', cell: (one) => optionsText(one, t) },
  ], [t]);
  const rows = answer.data?.items ?? [];
  const bare = !get('q') && !get('of') && get('shared') !== '1' && !get('cursor');
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <SearchBox name="q" label={t('searchFilters')} />
        <TextInput size="xs" w={220} placeholder={t('ofClient')} aria-label={t('ofClient')}
          value={get('of')} spellCheck={false}
          onChange={(event) => set({ of: event.currentTarget.value, cursor: null })}
          rightSection={get('of') && (
            <button type="button" className={styles.linkish} aria-label={t('clearSearch')}
              onClick={() => set({ of: null })}><X size={13} /></button>)} />
        <Checkbox size="xs" label={t('sharedOnly')} checked={get('shared') === '1'}
          onChange={(event) =>
            set({ shared: event.currentTarget.checked ? '1' : null, cursor: null })} />
      </div>
      <ProblemAlert error={answer.error} retry={() => void answer.refetch()} />
      {!answer.data ? !answer.error && <Skeleton height={240} />
        : rows.length === 0 && bare ? (
          <Empty title={t('noSubsTitle')} text={t('noSubsText')}
            command={`mosquitto_sub -h ${location.hostname} -t '$share/team/works/#'`} />
        ) : (
          <div className={styles.fill}>
            <DataTable rows={rows} columns={columns} label={t('tab_subscriptions')}
              rowKey={(one) => `${one.client_id}\n${one.filter}`}
              onOpen={(one) => set({ client: one.client_id }, true)} />
          </div>)}
      <Pager next={answer.data?.next} rows={rows.length} />
    </div>
  );
}
