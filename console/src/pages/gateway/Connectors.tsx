import { Button, Skeleton } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { getJson, seg, sendJson } from '~/lib/api';
import { useMay } from '~/lib/session';
import { ProblemAlert, problemText, State } from '~/ui';
import { useServerTexts } from '~/words/server';
import { ConnectorDialog } from './ConnectorDialog';
import styles from './gateway.module.css';
import type { DriverSetting, SettingValue } from './model';
import { words } from './words';

export interface Connector {
  name: string;
  kind: string;
  description: string;
  settings: Record<string, SettingValue>;
}

interface KindSetting extends Omit<DriverSetting, 'choices' | 'min' | 'max'> {
  choices?: string;
  minimum?: number;
  maximum?: number;
}

export interface ConnectorKind {
  kind: string;
  title: string;
  help: string;
  connection: KindSetting[];
  action?: KindSetting[];
  source?: KindSetting[];
  table?: KindSetting[];
}

export const asDriverSetting = (
  { choices, minimum, maximum, ...rest }: KindSetting,
): DriverSetting => ({
  ...rest, min: minimum, max: maximum, ...(choices ? { choices: choices.split('|') } : {}),
});

export const useKinds = () => useQuery({
  queryKey: ['gateway', 'kinds'],
  queryFn: () => getJson<{ items: ConnectorKind[] }>('/api/v1/connectors/kinds')
    .then((page) => page.items),
  staleTime: Infinity, select: useServerTexts('connectors')<ConnectorKind[]>,
});

export const bodyOf = (connector: Connector) => ({
  name: connector.name, kind: connector.kind, description: connector.description,
  ...connector.settings,
});

function ConnectorRow({ connector, title, onEdit }: {
  connector: Connector; title: string; onEdit: () => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const mayChange = useMay('engineer');
  const [tried, setTried] = useState<{ ok: boolean; why: string } | 'busy' | null>(null);
  const [sure, setSure] = useState(false);
  const test = () => {
    setTried('busy');
    sendJson('POST', '/api/v1/connectors/test', bodyOf(connector)).then(
      () => setTried({ ok: true, why: '' }),
      (error: unknown) => setTried({ ok: false, why: problemText(error) }));
  };
  const remove = () => {
    sendJson('DELETE', `/api/v1/connectors/${seg(connector.name)}`).then(
      () => client.invalidateQueries({ queryKey: ['gateway', 'connectors'] }),
      (error: unknown) => {
        setSure(false);
        setTried({ ok: false, why: problemText(error) });
      });
  };
  return (
    <tr>
      <td>{connector.name}</td><td>{title}</td>
      <td className={styles.dim}>{connector.description || String(
        connector.settings.url ?? connector.settings.server ?? connector.settings.host ?? '')}</td>
      <td aria-live="polite">{tried && tried !== 'busy' && (
        <State kind={tried.ok ? 'ok' : 'alarm'}>
          <span style={{ whiteSpace: 'normal' }}>{tried.ok ? t('conOk') : tried.why}</span>
        </State>)}</td>
      <td className={styles.num}>
        {mayChange && (
          <span className={styles.actions} style={{ gap: 6 }}>
            <Button size="compact-xs" variant="default" loading={tried === 'busy'} onClick={test}>
              {t('test')}</Button>
            <Button size="compact-xs" variant="default" onClick={onEdit}>{t('edit')}</Button>
            <Button size="compact-xs" variant="default" color={sure ? 'red' : undefined}
              onClick={() => (sure ? remove() : setSure(true))}>
              {sure ? t('removeTagSure') : t('delete')}</Button>
          </span>)}
      </td>
    </tr>
  );
}

export function Connectors(): ReactNode {
  const t = words.use();
  const mayChange = useMay('engineer');
  const kinds = useKinds();
  const [editing, setEditing] = useState<Connector | 'new' | null>(null);
  const list = useQuery({
    queryKey: ['gateway', 'connectors'],
    queryFn: () => getJson<{ items: Connector[] }>('/api/v1/connectors').then((page) => page.items),
  });
  return (
    <section className={`hw-panel ${styles.panel}`}>
      <div className={styles.bar}>
        <h2 style={{ margin: 0 }}>{t('connectors')}</h2>
        <span className={styles.spring} />
        {mayChange && (
          <Button size="compact-sm" variant="default" leftSection={<Plus size={14} />}
            onClick={() => setEditing('new')}>{t('newConnector')}</Button>)}
      </div>
      {list.isError ? <ProblemAlert error={list.error} />
        : !list.data ? <Skeleton height={60} mt={8} />
          : list.data.length === 0 ? (
            <p className={styles.dim} style={{ margin: '8px 0 0' }}>{t('noConnectors', {
              kinds: (kinds.data ?? []).map((kind) => kind.title).join(', ') })}</p>
          ) : (
            <table className={`${styles.plain} ${styles.lined}`}>
              <thead><tr><th>{t('name')}</th><th>{t('kind')}</th><th>{t('where')}</th><th /><th />
              </tr></thead>
              <tbody>
                {list.data.map((one) => (
                  <ConnectorRow key={one.name} connector={one} onEdit={() => setEditing(one)}
                    title={kinds.data?.find((kind) => kind.kind === one.kind)?.title
                      ?? one.kind} />))}
              </tbody>
            </table>)}
      {editing && kinds.data && (
        <ConnectorDialog connector={editing === 'new' ? null : editing} kinds={kinds.data}
          onClose={() => setEditing(null)} />)}
    </section>
  );
}
