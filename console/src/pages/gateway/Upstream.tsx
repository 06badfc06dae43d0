import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError, getJson } from '~/lib/api';
import { formatDuration, formatTime, parseTime, useZone } from '~/lib/time';
import { formatNumber } from '~/lib/units';
import { CopyCode, ProblemAlert, State } from '~/ui';
import { bytesText } from './DeviceState';
import styles from './gateway.module.css';
import { Figure, Note } from './parts';
import { words } from './words';

interface Gap {
  id: number;
  reason: string;
  state: string;
  from: string;
  to: string | null;
  samples: number;
  detail: string;
}

interface UpstreamState {
  broker: string;
  client_id: string;
  format: string;
  connected: boolean;
  since: string;
  last_error: string | null;
  queue: {
    bytes: number; bytes_limit: number; segments: number; samples_waiting: number;
    oldest_waiting: string | null; drain_samples_per_second: number;
  };
  samples_sent: number;
  samples_acknowledged: number;
  bytes_sent: number;
  gaps: Gap[];
}

const config = '[upstream]\nbroker = "mqtt://centre.example:1883"\nclient_id = "pumphouse7"\n' +
  'prefix = "site7/"';

// The link to the centre; a server without one learns how to set it up.
export function Upstream(): ReactNode {
  const t = words.use();
  const state = useQuery({
    queryKey: ['gateway', 'upstream'],
    queryFn: ({ signal }) => getJson<UpstreamState>('/api/v1/upstream', { signal })
      .catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }),
    refetchInterval: 2000,
  });
  return (
    <section className={`hw-panel ${styles.panel}`}>
      <h2>{t('upTitle')}</h2>
      {state.isError ? <ProblemAlert error={state.error} />
        : state.data === undefined ? <Skeleton height={80} />
          : state.data === null ? (
            <>
              <p className={styles.dim} style={{ margin: '0 0 8px' }}>{t('upNone')}</p>
              <CopyCode code={config} />
            </>
          ) : <Link state={state.data} />}
    </section>
  );
}

function Link({ state }: { state: UpstreamState }): ReactNode {
  const t = words.use();
  const zone = useZone();
  const { queue } = state;
  const share = queue.bytes_limit ? queue.bytes / queue.bytes_limit : 0;
  const since = formatDuration(Date.now() - parseTime(state.since));
  return (
    <div className={styles.page} style={{ height: 'auto' }}>
      <div className={styles.bar}>
        <State kind={state.connected ? 'ok' : 'alarm'}>
          {t(state.connected ? 'upUp' : 'upDown', { time: since })}</State>
        <span className="hw-mono">{state.broker}</span>
        <span className={styles.dim}>
          {t('upAs', { id: state.client_id, format: state.format })}</span>
      </div>
      {state.last_error && <Note kind={state.connected ? undefined : 'alarm'}>
        {state.last_error}</Note>}
      <dl className={styles.figures} style={{ margin: 0 }}>
        <Figure label={t('upWaiting')}>{formatNumber(queue.samples_waiting)}</Figure>
        <Figure label={t('upQueue')} title={`${bytesText(queue.bytes)} / ` +
          bytesText(queue.bytes_limit)}>
          <span className={share > 0.8 ? styles.warn : undefined}>
            {share > 0.8 ? '△ ' : ''}{bytesText(queue.bytes)} · {formatNumber(share * 100, 1)} %
          </span>
        </Figure>
        <Figure label={t('upOldest')}>{queue.oldest_waiting
          ? formatDuration(Date.now() - parseTime(queue.oldest_waiting)) : '–'}</Figure>
        <Figure label={t('upDrain')}>{formatNumber(queue.drain_samples_per_second, 0)}/s</Figure>
        <Figure label={t('upAcked')}>{formatNumber(state.samples_acknowledged)}</Figure>
        <Figure label={t('sent')}>
          {formatNumber(state.samples_sent)} · {bytesText(state.bytes_sent)}</Figure>
      </dl>
      {state.gaps.length > 0 && (
        <table className={`${styles.plain} ${styles.lined}`}>
          <thead><tr><th>{t('state')}</th><th>{t('reason')}</th><th>{t('gapFrom')}</th>
            <th>{t('gapTo')}</th><th className={styles.num}>{t('samples')}</th>
            <th>{t('details')}</th></tr></thead>
          <tbody>
            {state.gaps.slice(0, 100).map((gap) => (
              <tr key={gap.id}>
                <td><State kind={gap.state === 'lost' ? 'alarm'
                  : gap.state === 'filled' ? 'ok' : 'warn'}>{gap.state}</State></td>
                <td>{gap.reason}</td>
                <td className={styles.num} style={{ textAlign: 'left' }}>
                  {formatTime(parseTime(gap.from), 'full', zone)}</td>
                <td>{gap.to ? formatTime(parseTime(gap.to), 'full', zone) : '…'}</td>
                <td className={styles.num}>{formatNumber(gap.samples)}</td>
                <td className={styles.dim}>{gap.detail}</td>
              </tr>))}
          </tbody>
        </table>)}
    </div>
  );
}
