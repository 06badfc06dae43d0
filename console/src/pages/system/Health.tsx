import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatDuration, formatTime, parseTime, useZone } from '~/lib/time';
import { formatNumber } from '~/lib/units';
import { bytesText } from '~/pages/gateway/DeviceState';
import styles from '~/pages/gateway/gateway.module.css';
import { Figure, Note } from '~/pages/gateway/parts';
import { ProblemAlert, SparkLine, State } from '~/ui';
import { en } from './en';
import { checksOf, type Check } from './checks';
import {
  byCount, fullness, plainName, useFacts, useFigures, type Queue, type SystemFacts,
} from './model';
import { words, type T } from './words';

const amount = (value: number, unit: string): string =>
  (unit === 'bytes' ? bytesText(value) : formatNumber(value, 0));

function queueName(name: string, t: T): string {
  const key = `queue_${name.replaceAll(' ', '_')}`;
  return key in en ? t(key as keyof typeof en) : name;
}

function Queues({ queues }: { queues: Queue[] }): ReactNode {
  const t = words.use();
  return (
    <section className={`hw-panel ${styles.panel}`}>
      <h2>{t('queues')}</h2>
      <table className={`${styles.plain} ${styles.lined}`}>
        <thead><tr><th>{t('queue')}</th><th className={styles.num}>{t('depth')}</th>
          <th className={styles.num}>{t('limit')}</th><th>{t('full')}</th></tr></thead>
        <tbody>
          {queues.map((queue) => {
            const { share, kind } = fullness(queue.depth, queue.limit);
            return (
              <tr key={queue.name}>
                <td>{queueName(queue.name, t)}</td>
                <td className={styles.num}>{amount(queue.depth, queue.unit)}</td>
                <td className={styles.num}>
                  {queue.limit ? amount(queue.limit, queue.unit) : t('noLimit')}</td>
                <td><State kind={kind}>{Number.isNaN(share) ? '–'
                  : `${formatNumber(share * 100, 1)} %`}</State></td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Dropped({ dropped }: { dropped: SystemFacts['dropped'] }): ReactNode {
  const t = words.use();
  const some = byCount(dropped).filter((one) => one.count > 0);
  return (
    <section className={`hw-panel ${styles.panel}`}>
      <h2>{t('dropped')}</h2>
      {some.length === 0
        ? <State kind="ok">{t('nothingDropped', { count: dropped.length })}</State> : (
          <table className={`${styles.plain} ${styles.lined}`}>
            <tbody>
              {some.map((one) => (
                <tr key={one.name}>
                  <td><State kind="warn">{plainName(one.name)}</State></td>
                  <td className={styles.dim}>{one.help}</td>
                  <td className={styles.num}>{formatNumber(one.count, 0)}</td>
                </tr>))}
            </tbody>
          </table>)}
    </section>
  );
}

// What the server is looked at for: those that are not well first, each with what to do.
function Checks({ checks }: { checks: Check[] }): ReactNode {
  const t = words.use();
  const rank = { alarm: 0, warn: 1 } as Record<string, number>;
  const rows = [...checks].sort((left, right) =>
    (rank[left.kind] ?? 2) - (rank[right.kind] ?? 2));
  return (
    <section className={`hw-panel ${styles.panel}`}>
      <h2>{t('checks')}</h2>
      <table className={`${styles.plain} ${styles.lined}`}>
        <thead><tr><th style={{ width: 150 }}>{t('check')}</th><th style={{ width: 260 }}>
          {t('state')}</th><th>{t('todo')}</th></tr></thead>
        <tbody>
          {rows.map(({ name, kind, values }) => (
            <tr key={name}>
              <td>{t(`check_${name}`)}</td>
              <td><State kind={kind}>{name === 'history' && kind === 'ok'
                ? t('health_ok') : t(`is_${name}`, values)}</State></td>
              <td className={kind === 'ok' ? styles.dim : undefined}>
                {kind === 'ok' ? t('noneTodo') : t(`todo_${name}`, values)}</td>
            </tr>))}
        </tbody>
      </table>
    </section>
  );
}

// Decimals where they tell something: of a part of a core, of a slow rate.
const digitsOf = (name: string, value: number): number =>
  (name === 'cpu_cores' ? 2 : name.endsWith('_rate') && value > 0 && value < 10 ? 1 : 0);

const shownFigures = ['samples_rate', 'messages_in_rate', 'messages_out_rate', 'requests_rate',
  'rule_events_rate', 'cpu_cores', 'memory_bytes', 'clients'] as const;

function Figures(): ReactNode {
  const t = words.use();
  const figures = useFigures();
  if (figures.isError) return <ProblemAlert error={figures.error} />;
  if (!figures.data) return <Skeleton height={120} />;
  const { times, figures: columns } = figures.data;
  const to = times[times.length - 1] ?? 0;
  return (
    <section className={`hw-panel ${styles.panel}`}>
      <h2>{t('lastHour')}</h2>
      <div className={styles.choices}>
        {shownFigures.map((name) => {
          const column = columns[name] ?? [];
          const last = column[column.length - 1] ?? NaN;
          return (
            <div key={name}>
              <div className={styles.bar}>
                <span className={styles.dim} style={{ fontSize: 12 }}>{t(`fig_${name}`)}</span>
                <span className={styles.spring} />
                <span className={styles.num}>{name === 'memory_bytes' ? bytesText(last)
                  : formatNumber(last, digitsOf(name, last))}</span>
              </div>
              <SparkLine width={236} height={34} from={to - 3600e3} to={to} label={t(`fig_${name}`)}
                rows={times.map((time, i) => ({ time, value: column[i] ?? NaN }))} />
            </div>
          );
        })}
      </div>
    </section>
  );
}

function Clock({ clock }: { clock: SystemFacts['clock'] }): ReactNode {
  const t = words.use();
  return (
    <State kind={clock.synchronised ? 'ok' : 'warn'}
      title={t('clockHelp', { error: formatNumber(clock.error_ms_most) })}>
      {t(clock.synchronised ? 'clockGood' : 'clockAlone')}
    </State>
  );
}

export function Health(): ReactNode {
  const t = words.use();
  const zone = useZone();
  const facts = useFacts();
  if (facts.isError && !facts.data)
    return <ProblemAlert error={facts.error} retry={() => void facts.refetch()} />;
  if (!facts.data) return <Skeleton height={240} />;
  const { process, machine, storage, history, reactors, clock } = facts.data;
  const disk = fullness(storage.disk_total_bytes - storage.disk_free_bytes,
    storage.disk_total_bytes);
  const late = reactors.filter((one) => one.lag_ms_worst > 100);
  return (
    <div className={`${styles.page} ${styles.scroll}`} tabIndex={0}>
      {facts.isError && <ProblemAlert error={facts.error} />}
      {history.health !== 'ok' && (
        <Note kind="alarm"><State kind="alarm"><strong>{t(`health_${history.health}`)}</strong>
        </State><div>{history.reason}</div></Note>)}
      <dl className={styles.figures} style={{ margin: 0 }}>
        <Figure label={t('history')}>
          <State kind={history.health === 'ok' ? 'ok' : 'alarm'}>
            {t(`health_${history.health}`)}</State></Figure>
        <Figure label={t('clock')}><Clock clock={clock} /></Figure>
        <Figure label={t('upFor')} title={t('startedAt', {
          time: formatTime(parseTime(facts.data.started), 'full', zone) })}>
          {formatDuration(facts.data.uptime_s * 1000)}</Figure>
        <Figure label={t('cpu')} title={t('cpuHelp', {
          cores: machine.cores, load: formatNumber(machine.load_1m, 2) })}>
          {formatNumber(process.cpu_cores, 2)} / {machine.cores}</Figure>
        <Figure label={t('memory')} title={t('memoryHelp', {
          free: bytesText(machine.memory_available_bytes) })}>
          {bytesText(process.memory_bytes)}</Figure>
        <Figure label={t('diskFree')}>
          <State kind={disk.kind}>{bytesText(storage.disk_free_bytes)}</State></Figure>
        <Figure label={t('data')}>{bytesText(storage.data_bytes)}</Figure>
        <Figure label={t('points')}>{formatNumber(history.points)}</Figure>
        <Figure label={t('committed')}>{formatNumber(history.samples_committed, 0)}</Figure>
        <Figure label={t('files')}>
          {formatNumber(process.open_files)} / {formatNumber(process.open_files_limit)}</Figure>
        <Figure label={t('threads')}>{formatNumber(process.threads)}</Figure>
        <Figure label={t('lag')} title={late.map((one) => one.name).join(', ')}>
          <State kind={late.length ? 'warn' : 'ok'}>
            {formatNumber(Math.max(0, ...reactors.map((one) => one.lag_ms_worst)), 1)} ms
          </State></Figure>
      </dl>
      <Checks checks={checksOf(facts.data)} />
      <Figures />
      <Queues queues={facts.data.queues} />
      <Dropped dropped={facts.data.dropped} />
    </div>
  );
}
