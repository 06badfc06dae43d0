import { Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { seg, send, sendJson } from '~/lib/api';
import type { Connector as Shared, ConnectorKind } from '~/pages/gateway/Connectors';
import { DataTable, Empty, ProblemAlert, problemText, State } from '~/ui';
import { useConnectorKinds, useConnectors, useRules, type Connector } from '../data';
import { sayProblem, sayWithUndo } from '../notify';
import styles from '../rules.module.css';
import { words } from '../words';

const ConnectorDialog = lazy(() => import('~/pages/gateway/ConnectorDialog')
  .then((part) => ({ default: part.ConnectorDialog })));

type Outcome = 'busy' | 'good' | { why: string };

// Connections that rules share: which there are, who uses them, whether they answer.
export function Connectors({ mayEdit }: { mayEdit: boolean }): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const connectors = useConnectors();
  const kinds = useConnectorKinds().data;
  const rules = useRules().data ?? [];
  const [editing, setEditing] = useState<Connector | 'new' | null>(null);
  const [outcomes, setOutcomes] = useState<Record<string, Outcome>>({});
  const note = (name: string, outcome: Outcome) =>
    setOutcomes((old) => ({ ...old, [name]: outcome }));
  const refresh = async () => {
    await client.invalidateQueries({ queryKey: ['connectors'] });
    await client.invalidateQueries({ queryKey: ['gateway', 'connectors'] });
  };
  const test = (one: Connector) => {
    note(one.name, 'busy');
    sendJson('POST', '/api/v1/connectors/test', one).then(
      () => note(one.name, 'good'),
      (error: unknown) => note(one.name, { why: problemText(error) }));
  };
  const remove = (one: Connector) => {
    const path = `/api/v1/connectors/${seg(one.name)}`;
    send(path, { method: 'DELETE' }).then(async () => {
      await refresh();
      sayWithUndo(t('connectionRemoved', { id: one.name }),
        () => sendJson('PUT', path, one).then(refresh));
    }).catch(sayProblem);
  };
  const users = (name: string) => rules.filter((rule) =>
    JSON.stringify([rule.actions, rule.late_actions ?? []])
      .includes(`"connector":${JSON.stringify(name)}`));
  const all = connectors.data ?? [];
  const begin = () => setEditing('new');
  const state = (one: Connector) => {
    const outcome = outcomes[one.name];
    if (!outcome) return <State kind="idle">{t('notTested')}</State>;
    if (outcome === 'busy') return <State kind="busy">{t('testing')}</State>;
    if (outcome === 'good') return <State kind="ok">{t('testGood')}</State>;
    return <State kind="alarm" title={outcome.why}>{t('testBad')}: {outcome.why}</State>;
  };
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <span className={styles.note}>{t('connectorsEmptyText')}</span>
        <span style={{ flex: 1 }} />
        {mayEdit && <Button size="xs" leftSection={<Plus size={14} />} onClick={begin}>
          {t('newConnection')}</Button>}
      </div>
      <ProblemAlert error={connectors.error} />
      <div className={styles.rest}>
        {connectors.data && all.length === 0 ? (
          <Empty title={t('connectorsEmpty')} text={t('connectorsEmptyText')}
            action={mayEdit ? { label: t('newConnection'), run: begin } : undefined}
            command="headworks connector put plant_db plant_db.json" />
        ) : (
          <DataTable rows={all} label={t('connectors')} rowKey={(one) => one.name}
            onOpen={mayEdit ? setEditing : undefined} columns={[
              { id: 'name', title: t('name'), sort: (one) => one.name, cell: (one) => one.name },
              { id: 'kind', title: t('kind'), width: 110, sort: (one) => one.kind,
                cell: (one) => one.kind },
              { id: 'about', title: t('description'), cell: (one) => one.description ?? '' },
              { id: 'users', title: t('usedBy'), cell: (one) =>
                users(one.name).map((rule) => rule.id).join(', ') || '–' },
              { id: 'state', title: t('state'), cell: state },
              { id: 'acts', title: '', width: 150, cell: (one) => mayEdit && (
                <Group gap={6} wrap="nowrap" onClick={(event) => event.stopPropagation()}>
                  <Button size="compact-xs" variant="default" onClick={() => test(one)}>
                    {t('test')}</Button>
                  <Button size="compact-xs" variant="default" onClick={() => remove(one)}>
                    {t('delete')}</Button>
                </Group>) },
            ]} />)}
      </div>
      {editing && kinds && (
        <Suspense>
          <ConnectorDialog kinds={kinds as ConnectorKind[]}
            connector={editing === 'new' ? null : editing as unknown as Shared}
            onClose={() => {
              setEditing(null);
              void refresh();
            }} />
        </Suspense>)}
    </div>
  );
}
