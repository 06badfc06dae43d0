import { Anchor, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { getJson, seg } from '~/lib/api';
import { formatNumber } from '~/lib/units';
import { ProblemAlert, State } from '~/ui';
import { bytesText } from './DeviceState';
import styles from './gateway.module.css';
import { words } from './words';

interface Action {
  type: string;
  name: string;
  rows: number;
  sent: number;
  failed: number;
  dropped: number;
  queued: number;
  queued_bytes: number;
  last_error: string;
}

interface Sink extends Action {
  rule: string;
}

const mostRules = 50;

// What waits before each sink, from the figures of the rules that feed it.
async function readSinks(signal: AbortSignal): Promise<Sink[]> {
  const rules = await getJson<{ items: { id: string }[] }>(
    `/api/v1/rules?limit=${mostRules}`, { signal });
  const figures = await Promise.all(rules.items.map(({ id }) =>
    getJson<{ actions: Action[] }>(`/api/v1/rules/${seg(id)}/metrics`, { signal })
      .then(({ actions }) => actions.map((action) => ({ ...action, rule: id })))
      // A rule may have gone between the two questions.
      .catch(() => [])));
  return figures.flat();
}

export function SinkQueues(): ReactNode {
  const t = words.use();
  const sinks = useQuery({
    queryKey: ['gateway', 'sinks'], refetchInterval: 5000,
    queryFn: ({ signal }) => readSinks(signal),
  });
  return (
    <section className={`hw-panel ${styles.panel}`}>
      <h2>{t('sinks')}</h2>
      {sinks.isError ? <ProblemAlert error={sinks.error} />
        : !sinks.data ? <Skeleton height={60} />
          : sinks.data.length === 0 ? <span className={styles.dim}>{t('noSinks')}</span> : (
            <table className={`${styles.plain} ${styles.lined}`}>
              <thead><tr>
                <th>{t('state')}</th><th>{t('rule')}</th><th>{t('sink')}</th>
                <th className={styles.num}>{t('queued')}</th>
                <th className={styles.num}>{t('sent')}</th>
                <th className={styles.num}>{t('failed')}</th>
                <th className={styles.num}>{t('dropped')}</th><th>{t('lastError')}</th>
              </tr></thead>
              <tbody>
                {sinks.data.map((sink, index) => (
                  <tr key={`${sink.rule} ${index}`}>
                    <td><State kind={sink.dropped ? 'alarm' : sink.queued > 1000 ? 'warn' : 'ok'}>
                      {t(sink.dropped ? 'skDropped' : sink.queued > 1000 ? 'skWaiting' : 'skOk')}
                    </State></td>
                    <td><Anchor size="sm" component={Link}
                      to={`/rules?rule=${encodeURIComponent(sink.rule)}`}>{sink.rule}</Anchor></td>
                    <td>{sink.name}</td>
                    <td className={styles.num}>
                      {formatNumber(sink.queued)} · {bytesText(sink.queued_bytes)}</td>
                    <td className={styles.num}>{formatNumber(sink.sent)}</td>
                    <td className={styles.num}>{formatNumber(sink.failed)}</td>
                    <td className={styles.num}>{formatNumber(sink.dropped)}</td>
                    <td className={styles.dim}>{sink.last_error || '–'}</td>
                  </tr>))}
              </tbody>
            </table>)}
    </section>
  );
}
