import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLink } from '~/lib/live';
import { formatDuration } from '~/lib/time';
import { formatNumber } from '~/lib/units';
import { SparkLine, State, type StateKind } from '~/ui';
import {
  isUp, useFigures, useReadings, type Device, type PointTroubles, type Rule,
} from './data';
import { meanOf, rate } from './metrics';
import styles from './overview.module.css';
import { words } from './words';

function Cell({ name, children, help, spark }: {
  name: string; children: ReactNode; help?: string; spark?: ReactNode;
}): ReactNode {
  return (
    <div className={styles.cell}>
      {help ? <Tooltip label={help} multiline maw={280}><dt tabIndex={0}>{name}</dt></Tooltip>
        : <dt>{name}</dt>}
      <dd>{children}{spark}</dd>
    </div>
  );
}

const figure = (value: number, unit: string): ReactNode => (
  <span className="hw-num">{Number.isFinite(value) ? formatNumber(value, value < 10 ? 1 : 0) : '–'}
    <small className="hw-dim"> {unit}</small></span>
);

// How the machine does: what comes in, how soon it is safe, and who is there.
export function Strip({ devices, rules, troubles }: {
  devices: Device[] | undefined; rules: Rule[] | null | undefined; troubles: PointTroubles;
}): ReactNode {
  const t = words.use();
  const link = useLink();
  const { before, now, error } = useReadings();
  const figures = useFigures();
  const enabled = devices?.filter((one) => one.enabled);
  const up = enabled?.filter(isUp).length ?? 0;
  const on = rules?.filter(({ enable }) => enable);
  const running = on?.filter(({ status }) => status === 'running').length ?? 0;
  const gone = Boolean(error) || link.state === 'down';
  const serverNow = Date.now() + (link.clockOffsetMs || 0);
  const age = serverNow - troubles.newest;
  const spark = (name: string, label: string) => {
    const rows = figures.data?.figures[name]?.map((value, i) => ({
      time: figures.data?.times[i] ?? NaN, value: value ?? NaN })) ?? [];
    return rows.length > 2 && <SparkLine rows={rows} width={72} height={20} label={label}
      from={rows[0]?.time ?? 0} to={rows[rows.length - 1]?.time ?? 1} />;
  };
  const badKind: StateKind = troubles.bad ? 'alarm' : troubles.stale ? 'note' : 'ok';
  return (
    <dl className={styles.strip} data-gone={gone}>
      <Cell name={t('messages')} spark={spark('messages_in_rate', t('messages'))}>
        {figure(gone ? NaN : rate(before, now, 'headworks_broker_messages_received_total'),
          t('perSecond'))}</Cell>
      <Cell name={t('samples')} spark={spark('samples_rate', t('samples'))}>
        {figure(gone ? NaN : rate(before, now, 'headworks_history_samples_committed_total'),
          t('perSecond'))}</Cell>
      <Cell name={t('commit')} help={t('commitHelp')}>
        {figure(gone ? NaN : 1000 * meanOf(before, now, 'headworks_history_commit_seconds'), 'ms')}
      </Cell>
      <Cell name={t('lag')} help={t('lagHelp')}>
        <span className="hw-num">
          {Number.isFinite(age) && !gone ? formatDuration(Math.max(0, age)) : '–'}</span></Cell>
      <Cell name={t('devices')}>
        {enabled && (enabled.length
          ? <State kind={up < enabled.length ? 'warn' : 'ok'}>
              {t('devicesUp', { up, all: enabled.length })}</State>
          : <span className="hw-dim">{t('noDevices')}</span>)}</Cell>
      {rules !== null && (
        <Cell name={t('rules')}>
          {on && (on.length
            ? <State kind={running < on.length ? 'warn' : 'ok'}>
                {t('rulesRunning', { up: running, all: on.length })}</State>
            : <span className="hw-dim">{t('noDevices')}</span>)}</Cell>
      )}
      <Cell name={`${t('points')} (${formatNumber(troubles.known, 0)})`}>
        <State kind={badKind}>
          {troubles.bad || troubles.stale
            ? [troubles.bad && t('pointsBad', { count: troubles.bad }),
              troubles.stale && t('pointsStale', { count: troubles.stale })]
              .filter(Boolean).join(', ')
            : t('pointsGood')}</State></Cell>
    </dl>
  );
}
