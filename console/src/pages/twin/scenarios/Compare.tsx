import { Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { getJson, query } from '~/lib/api';
import { unitText, useUnits } from '~/lib/units';
import { ProblemAlert, valueText } from '~/ui';
import { useServerTexts } from '~/words/server';
import { deltaText, shownDelta } from '../detail/diff';
import styles from '../twin.module.css';
import { words } from '../words';
import type { Comparison, Scenario } from './data';

// Figures beside each other: against nothing set, or against another scenario.
export function Compare({ scenario, all, other }: {
  scenario: Scenario; all: Scenario[]; other: string | null;
}): ReactNode {
  const t = words.use();
  const units = useUnits();
  const [every, setEvery] = useState(false);
  const answer = useQuery({
    queryKey: ['scenario-compare', scenario.id, scenario.ended_at, other],
    queryFn: ({ signal }) => getJson<Comparison>(`/api/v1/scenarios/compare${query({
      ids: other ? `${other},${scenario.id}` : scenario.id,
    })}`, { signal }),
    staleTime: Infinity, select: useServerTexts('scenarios')<Comparison>,
  });
  const figures = answer.data?.figures ?? [];
  const differing = figures.filter((one) => {
    const [first, second] = one.values;
    return first === null || second === null || first === undefined || second === undefined
      || Math.abs(second - first) > 1e-4 * Math.max(1, Math.abs(first));
  });
  const shown = every ? figures : differing;
  return (
    <section className={styles.section}>
      <h3>{t('figures')}
        <Switch size="xs" label={t('allFigures', { count: figures.length })} checked={every}
          onChange={(event) => setEvery(event.currentTarget.checked)} /></h3>
      <ProblemAlert error={answer.error} />
      {answer.data?.warnings.map((one) => <p key={one}>△ {one}</p>)}
      {answer.data && (
        <div className={styles.tableScroll}>
          <table className={styles.table}>
            <thead><tr>
              <th scope="col">{t('figure')}</th>
              <th scope="col" className={styles.num}>
                {other ? all.find((one) => one.id === other)?.name || other : t('withNothing')}</th>
              <th scope="col" className={styles.num}>{scenario.name || scenario.id}</th>
              <th scope="col" className={styles.num}>{t('difference')}</th>
            </tr></thead>
            <tbody>
              {shown.map((one) => {
                const [first, second] = one.values;
                const delta = typeof first === 'number' && typeof second === 'number'
                  ? shownDelta(first, second, one.unit, units) : 0;
                return (
                  <tr key={one.name} data-diff={differing.includes(one) ? 'changed' : 'same'}>
                    <td><span className={styles.mark} aria-hidden="true">
                      {differing.includes(one) ? '≠' : ' '}</span>{one.label}</td>
                    <td className={styles.num}>{valueText(one.values[0], one.unit, units)}</td>
                    <td className={styles.num}>{valueText(one.values[1], one.unit, units)}</td>
                    <td className={styles.num}>
                      {delta ? `${deltaText(delta)} ${unitText(one.unit, units)}` : ''}</td>
                  </tr>);
              })}
              {shown.length === 0 && <tr><td colSpan={4} className="hw-dim">
                {t('nothingDiffers')}</td></tr>}
            </tbody>
          </table>
        </div>)}
    </section>
  );
}
