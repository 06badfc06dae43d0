import { Checkbox, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import styles from '~/pages/gateway/gateway.module.css';
import { SearchBox } from '~/pages/gateway/parts';
import { useParams } from '~/pages/gateway/useParam';
import { DataTable, ProblemAlert, type Column } from '~/ui';
import { useServerTexts } from '~/words/server';
import { list, type Setting } from './model';
import { words, type T } from './words';

export const boundsOf = (setting: Setting): string => setting.choices?.join(', ')
  ?? (setting.least !== undefined && setting.most !== undefined
    ? `${setting.least} … ${setting.most}` : '');

export function found(settings: Setting[], search: string, changed: boolean): Setting[] {
  const wanted = search.trim().toLowerCase();
  return settings.filter((one) => (!changed || one.origin !== 'default')
    && (!wanted || `${one.key} ${one.help} ${one.value}`.toLowerCase().includes(wanted)));
}

const columnsOf = (t: T): Column<Setting>[] => [
  { id: 'key', title: t('setting'), width: '25%', sort: (one) => one.key,
    cell: (one) => <span className="hw-mono" title={one.key}>{one.key}</span> },
  { id: 'value', title: t('value'), width: '16%',
    cell: (one) => <span className="hw-mono" title={one.value} style={{
      fontWeight: one.origin === 'default' ? 400 : 700 }}>{one.value || '–'}</span> },
  { id: 'origin', title: t('origin'), width: 128, sort: (one) => one.origin,
    cell: (one) => <span title={one.where}>{one.origin === 'default' ? t('asDefault')
      : one.where || one.origin}</span> },
  { id: 'default', title: t('default'), width: '11%',
    cell: (one) => <span className={`hw-mono ${styles.dim}`}>{one.default || '–'}</span> },
  { id: 'restart', title: t('change'), width: 126, sort: (one) => String(one.needs_restart),
    cell: (one) => (one.needs_restart ? t('atRestart') : t('atOnce')) },
  { id: 'help', title: t('meaning'), cell: (one) => (
    <span className={styles.dim} title={[one.help, boundsOf(one)].filter(Boolean).join(' · ')}>
      {one.help}</span>) },
];

export function SettingsTable(): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const settings = useQuery({
    queryKey: ['system', 'settings'],
    queryFn: ({ signal }) => list<Setting>('/api/v1/settings', signal),
    select: useServerTexts('settings')<Setting[]>,
  });
  const changed = get('only') === 'changed';
  const rows = useMemo(() => found(settings.data ?? [], get('q'), changed),
    [settings.data, get, changed]);
  const columns = useMemo(() => columnsOf(t), [t]);
  if (settings.isError)
    return <ProblemAlert error={settings.error} retry={() => void settings.refetch()} />;
  if (!settings.data) return <Skeleton height={240} />;
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <SearchBox value={get('q')} onChange={(text) => set({ q: text })}
          label={t('searchSettings')} width={240} />
        <Checkbox size="xs" label={t('onlyChanged')} checked={changed}
          onChange={(event) => set({ only: event.currentTarget.checked ? 'changed' : null })} />
        <span className={styles.spring} />
        <span className={styles.dim}>{t('settingsHelp')}</span>
      </div>
      <div className={styles.fill}>
        <DataTable rows={rows} columns={columns} label={t('tab_settings')}
          rowKey={(one) => one.key} />
      </div>
    </div>
  );
}
