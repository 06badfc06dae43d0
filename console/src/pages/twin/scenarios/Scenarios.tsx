import { Button, Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { send, sendJson } from '~/lib/api';
import { useMay } from '~/lib/session';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { Empty, ProblemAlert, problemText, State } from '~/ui';
import { useUrl } from '../state';
import styles from '../twin.module.css';
import { words } from '../words';
import { Compare } from './Compare';
import { isRunning, scenarioUrl, stateKind, useScenarios, type Scenario } from './data';
import { ResultView } from './ResultView';
import { ScenarioForm } from './ScenarioForm';

// "What if": scenarios, their runs and results, and two beside each other.
export function Scenarios(): ReactNode {
  const t = words.use();
  const url = useUrl();
  const zone = useZone();
  const may = useMay('operator');
  const list = useScenarios();
  const chosen = url.get('scenario');
  const other = url.get('with');
  const rows = [...(list.data ?? [])].sort((a, b) => b.updated_at.localeCompare(a.updated_at));
  const one = rows.find((row) => row.id === chosen);
  const editing = url.get('edit');
  const create = () => url.set({ scenario: 'new', with: null, edit: null }, false);
  return (
    <div className={styles.page}>
      <aside className={styles.side} aria-label={t('scenarios')}>
        <div className={styles.sideTop}>
          <div className={styles.sideRow}>
            <span className={styles.hint}>{t('scenarioHint')}</span>
            <span className={styles.spring} />
            {may && <Button size="compact-xs" variant="default" leftSection={<Plus size={12} />}
              onClick={create}>{t('newScenario')}</Button>}
          </div>
          <ProblemAlert error={list.error} />
        </div>
        <div className={styles.hits}>
          {rows.map((row) => (
            <button key={row.id} type="button" className={styles.listRow}
              aria-current={row.id === chosen}
              onClick={() => url.set({ scenario: row.id, with: null, edit: null }, false)}>
              <span>{row.name || row.id}</span>
              <span className={styles.hitSub}>
                <State kind={stateKind[row.state]}>
                  {isRunning(row) ? `${Math.round((row.progress ?? 0) * 100)} %`
                    : t(`run_${row.state}`)}</State>
                <span>{row.horizon}</span>
                <span>{formatTime(parseTime(row.updated_at), 'full', zone)}</span>
              </span>
            </button>))}
        </div>
      </aside>
      <div className={styles.main}>
        {chosen === 'new' || (one && editing)
          ? <ScenarioForm key={chosen} scenario={one}
            onDone={(id) => url.set({ scenario: id, edit: null }, false)} />
          : one ? <ScenarioView key={one.id} scenario={one} all={rows} other={other} />
            : <Empty title={rows.length ? t('chooseScenario') : t('noScenarios')}
              text={t('noScenariosText')}
              action={may ? { label: t('newScenario'), run: create } : undefined}
              command="headworks scenario create examples/waterworks/pump_out.json --wait" />}
      </div>
    </div>
  );
}

function ScenarioView({ scenario, all, other }: {
  scenario: Scenario; all: Scenario[]; other: string | null;
}): ReactNode {
  const t = words.use();
  const url = useUrl();
  const client = useQueryClient();
  const may = useMay('operator');
  const [asked, setAsked] = useState(false);
  const again = () => client.invalidateQueries({ queryKey: ['scenarios'] });
  const act = (work: Promise<unknown>) => {
    work.then(again, (error: unknown) =>
      notifications.show({ color: 'red', message: problemText(error) }));
  };
  const running = isRunning(scenario);
  const run = scenario.ended_at ?? '';
  return (
    <>
      <div className={styles.header} style={{ paddingBottom: 10 }}>
        <div className={styles.headLine}>
          <h2>{scenario.name || scenario.id}</h2>
          <State kind={stateKind[scenario.state]}>{t(`run_${scenario.state}`)}
            {running ? ` ${Math.round((scenario.progress ?? 0) * 100)} %` : ''}</State>
          <span className={styles.spring} />
          {may && (
            <>
              {running ? <Button size="xs" variant="default" onClick={() =>
                act(sendJson('POST', scenarioUrl(scenario.id, '/cancel')))}>
                {t('cancelRun')}</Button>
                : <Button size="xs" onClick={() =>
                  act(sendJson('POST', scenarioUrl(scenario.id, '/run')))}>{t('run')}</Button>}
              <Button size="xs" variant="default" disabled={running}
                onClick={() => url.set({ edit: '1' })}>{t('edit')}</Button>
              {asked ? <Button size="xs" color="red" onClick={() => {
                act(send(scenarioUrl(scenario.id), { method: 'DELETE' }));
                url.set({ scenario: null });
              }}>{t('reallyDelete')}</Button>
                : <Button size="xs" variant="default" disabled={running}
                  onClick={() => setAsked(true)}>{t('deleteModel')}</Button>}
            </>)}
        </div>
        <div className={styles.crumbs}>
          <span className={styles.id}>{scenario.id}</span>
          <span>{t('siteIs', { site: scenario.site })}</span>
          <span>{t('startIs', { start: scenario.start ?? 'now' })}</span>
          <span>{t('horizonIs', {
            horizon: scenario.horizon ?? '', step: scenario.step ?? '' })}</span>
        </div>
        {scenario.description && <div className="hw-dim">{scenario.description}</div>}
        <div className={styles.crumbs}>
          {(scenario.overrides ?? []).map((one, index) => (
            <span key={index} className="hw-mono">
              {one.twin} {one.path} = {JSON.stringify(one.value)}
              {one.from || one.to ? ` [${one.from ?? ''} … ${one.to ?? ''}]` : ''}</span>))}
        </div>
        {running && <progress max={1} value={scenario.progress ?? 0} style={{ width: '100%' }}
          aria-label={t('progress')} />}
      </div>
      <div className={styles.scroll}>
        {scenario.error && <div className={styles.card} role="alert">
          ✕ {t('runFailed')}: {scenario.error}</div>}
        {scenario.state === 'done' && (
          <>
            <Select size="xs" w={320} mb={10} label={t('compareWith')} value={other ?? ''}
              onChange={(next) => url.set({ with: next || null })} allowDeselect={false}
              data={[{ value: '', label: t('withNothing') },
                ...all.filter((one) => one.id !== scenario.id && one.state === 'done')
                  .map((one) => ({ value: one.id, label: one.name || one.id }))]} />
            <ResultView id={scenario.id} name={scenario.name || scenario.id} run={run}
              other={all.find((one) => one.id === other)}
              figures={<Compare scenario={scenario} all={all} other={other} />} />
          </>)}
        {scenario.state === 'none' && <p className="hw-dim">{t('notRun')}</p>}
      </div>
    </>
  );
}
