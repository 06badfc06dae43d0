import type { ReactNode } from 'react';
import { formatDuration, formatTime, parseTime, useZone } from '~/lib/time';
import { formatNumber } from '~/lib/units';
import { State } from '~/ui';
import { ReadsLine } from './DeviceCards';
import styles from './gateway.module.css';
import type { DeviceState as Shown } from './model';
import { Figure, intervalText, Note, rateText, shareText } from './parts';
import { errorShare, rates } from './rates';
import { words } from './words';

// The counters of a device: what its link, its groups and its units do.
export function DeviceState({ name, state }: { name: string; state: Shown | null }): ReactNode {
  const t = words.use();
  const zone = useZone();
  if (!state) return <Note kind="warn">{t('noState')}</Note>;
  const now = rates.now(name);
  const time = (text: string | null) => formatTime(parseTime(text), 'full', zone);
  return (
    <div className={`${styles.page} ${styles.scroll}`} tabIndex={0}>
      <dl className={styles.figures} style={{ margin: 0 }}>
        <Figure label={t('readsRate')}>{rateText(now?.reads)}</Figure>
        <Figure label={t('errorShare')}>{shareText(errorShare(now))}</Figure>
        <Figure label={t('rtt')}>
          {state.round_trip_ms ? `${formatNumber(state.round_trip_ms)} ms` : '–'}</Figure>
        <Figure label={t('reads')}>{formatNumber(state.reads)}</Figure>
        <Figure label={t('readErrors')}>{formatNumber(state.read_errors)}</Figure>
        <Figure label={t('samples')}>{formatNumber(state.samples)}</Figure>
        <Figure label={t('writes')}>{formatNumber(state.writes)}</Figure>
        <Figure label={t('writeErrors')}>{formatNumber(state.write_errors)}</Figure>
        <Figure label={t('reconnects')}>{formatNumber(state.reconnects)}</Figure>
        <Figure label={t('connections')}>{formatNumber(state.connections)}</Figure>
        <Figure label={t('received')}>{bytesText(state.received_bytes)}</Figure>
        <Figure label={t('sent')}>{bytesText(state.sent_bytes)}</Figure>
      </dl>
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{t('readsLine')}</h2>
        <ReadsLine name={name} width={640} height={60} />
      </section>
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{t('lastError')}</h2>
        {state.last_error
          ? <>{state.last_error}{' '}
            <span className={styles.dim}>{time(state.last_error_time)}</span></>
          : <span className={styles.dim}>{t('noError')}</span>}
        <div className={styles.dim}>{t('linkSince', { time: time(state.since) })}</div>
      </section>
      {(state.groups?.length ?? 0) > 0 && (
        <section className={`hw-panel ${styles.panel}`}>
          <h2>{t('groups')}</h2>
          <table className={`${styles.plain} ${styles.lined}`}>
            <thead><tr>
              <th>{t('group')}</th><th className={styles.num}>{t('interval')}</th>
              <th className={styles.num}>{t('tags')}</th>
              <th className={styles.num}>{t('polls')}</th>
              <th className={styles.num} title={t('overrunsHelp')}>{t('overruns')}</th>
              <th className={styles.num}>{t('lastPoll')}</th>
              <th className={styles.num}>{t('duration')}</th>
            </tr></thead>
            <tbody>
              {state.groups?.map((group) => (
                <tr key={group.name}>
                  <td>{group.name}</td>
                  <td className={styles.num}>{intervalText(group.interval_ms)}</td>
                  <td className={styles.num}>{formatNumber(group.tags)}</td>
                  <td className={styles.num}>{formatNumber(group.polls)}</td>
                  <td className={styles.num}>{group.overruns > 0
                    ? <span className={styles.warn}>△ {formatNumber(group.overruns)}</span> : '0'}
                  </td>
                  <td className={styles.num}>
                    {formatTime(parseTime(group.last_poll), 'clock', zone)}</td>
                  <td className={styles.num}>{formatNumber(group.last_duration_ms)} ms</td>
                </tr>))}
            </tbody>
          </table>
        </section>)}
      {(state.units?.length ?? 0) > 0 && <Units units={state.units ?? []} />}
    </div>
  );
}

function Units({ units }: { units: NonNullable<Shown['units']> }): ReactNode {
  const t = words.use();
  return (
    <section className={`hw-panel ${styles.panel}`}>
      <h2>{t('units')}</h2>
      <table className={`${styles.plain} ${styles.lined}`}>
        <thead><tr>
          <th>{t('unitName')}</th><th>{t('state')}</th><th className={styles.num}>{t('since')}</th>
          <th className={styles.num}>{t('rtt')}</th>
          <th className={styles.num}>{t('exchanges')}</th>
          <th className={styles.num}>{t('errors')}</th><th>{t('lastError')}</th>
        </tr></thead>
        <tbody>
          {units.map((unit) => (
            <tr key={unit.unit}>
              <td className="hw-mono">{unit.unit}</td>
              <td><State kind={unit.up ? 'ok' : 'alarm'}>{t(unit.up ? 'unitUp' : 'unitDown')}
              </State></td>
              <td className={styles.num}>
                {unit.since ? formatDuration(Date.now() - parseTime(unit.since)) : '–'}</td>
              <td className={styles.num}>{formatNumber(unit.round_trip_ms)} ms</td>
              <td className={styles.num}>{formatNumber(unit.exchanges)}</td>
              <td className={styles.num}>{formatNumber(unit.errors)}</td>
              <td className={styles.dim}>{unit.last_error || '–'}</td>
            </tr>))}
        </tbody>
      </table>
    </section>
  );
}

export function bytesText(bytes: number): string {
  const steps = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let step = 0;
  while (value >= 1000 && step < steps.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${formatNumber(value, step === 0 || value >= 100 ? 0 : 1)} ${steps[step]}`;
}
