import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { sendJson } from '~/lib/api';
import { DataTable, Empty, ProblemAlert, problemText, State } from '~/ui';
import { useConnectors, useRules, type Connector } from '../data';
import styles from '../rules.module.css';
import { words } from '../words';

type Outcome = 'busy' | 'good' | { why: string };

// Connections that rules share: which there are, who uses them, whether they answer.
export function Connectors({ mayEdit }: { mayEdit: boolean }): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const connectors = useConnectors();
  const rules = useRules().data ?? [];
  const [outcomes, setOutcomes] = useState<Record<string, Outcome>>({});
  const note = (name: string, outcome: Outcome) =>
    setOutcomes((old) => ({ ...old, [name]: outcome }));
  const test = (one: Connector) => {
    note(one.name, 'busy');
    sendJson('POST', '/api/v1/connectors/test', one).then(
      () => note(one.name, 'good'),
      (error: unknown) => note(one.name, { why: problemText(error) }));
  };
  const users = (name: string) => rules.filter((rule) =>
    JSON.stringify(rule.actions).includes(`"connector":${JSON.stringify(name)}`));
  const all = connectors.data ?? [];
  return (
    <div className={styles.page}>
      <ProblemAlert error={connectors.error} />
      <div className={styles.rest}>
        {connectors.data && all.length === 0 ? (
          <Empty title={t('connectorsEmpty')} text={t('connectorsEmptyText')}
            action={mayEdit ? { label: t('makeConnection'), run: () => void go('/gateway') }
              : undefined}
            command="headworks connector put plant_db plant_db.json" />
        ) : (
          <DataTable rows={all} label={t('connectors')} rowKey={(one) => one.name} columns={[
            { id: 'name', title: t('name'), sort: (one) => one.name, cell: (one) => one.name },
            { id: 'kind', title: t('kind'), width: 120, sort: (one) => one.kind,
              cell: (one) => one.kind },
            { id: 'about', title: t('description'), cell: (one) => one.description ?? '' },
            { id: 'users', title: t('usedBy'), cell: (one) =>
              users(one.name).map((rule) => rule.id).join(', ') || '–' },
            { id: 'state', title: t('state'), cell: (one) => {
              const outcome = outcomes[one.name];
              if (!outcome) return <State kind="idle">{t('notTested')}</State>;
              if (outcome === 'busy') return <State kind="busy">{t('testing')}</State>;
              if (outcome === 'good') return <State kind="ok">{t('testGood')}</State>;
              return <State kind="alarm" title={outcome.why}>{t('testBad')}: {outcome.why}</State>;
            } },
            { id: 'acts', title: '', width: 100, cell: (one) => (
              <Button size="compact-xs" variant="default" onClick={() => test(one)}
                disabled={!mayEdit}>{t('test')}</Button>) },
          ]} />)}
      </div>
    </div>
  );
}
