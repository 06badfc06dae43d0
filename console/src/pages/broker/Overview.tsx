import { Skeleton } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import { formatDuration, formatTime, parseTime, useZone } from '~/lib/time';
import { CopyCode, ProblemAlert, SparkLine, State } from '~/ui';
import styles from './broker.module.css';
import { useOverview, type Overview as Figures } from './model';
import { bytesText, countText, rateText } from './parts';
import { steps, type RateName } from './steps';
import { useParams } from './useParams';
import { words } from './words';

const windowMs = 10 * 60e3;

function RateCard({ name, figures }: { name: RateName; figures: Figures }): ReactNode {
  const t = words.use();
  const now = parseTime(figures.time);
  const rows = steps.steps.map((step) => ({ time: step.time, value: step.rates[name] }));
  const rate = figures.rates[name];
  const bytes = name === 'bytes_in' || name === 'bytes_out';
  return (
    <section className={`hw-panel ${styles.card}`}>
      <h2>{t(`rate_${name}`)}</h2>
      <div className={styles.big}>
        {bytes ? `${bytesText(rate)}/s` : rateText(rate)}
        {!bytes && <small>{t('perSecond')}</small>}
      </div>
      <SparkLine rows={rows} width={220} height={34} label={t(`rate_${name}`)}
        from={Math.max(now - windowMs, rows[0]?.time ?? now - 1000)} to={now} />
    </section>
  );
}

function Pairs({ title, rows }: { title: string; rows: [string, ReactNode][] }): ReactNode {
  return (
    <section className={`hw-panel ${styles.panel}`}>
      <h2>{title}</h2>
      <dl className={styles.pairs}>
        {rows.map(([name, value]) => [
          <dt key={name}>{name}</dt>, <dd key={`${name}=`}>{value}</dd>])}
      </dl>
    </section>
  );
}

// A count that should be nought: marked where it is not.
const mark = (value: number | undefined): ReactNode =>
  value ? <span className={styles.warn}>△ {countText(value)}</span> : countText(value);

export function Overview(): ReactNode {
  const t = words.use();
  const zone = useZone();
  const { set } = useParams();
  const answer = useOverview();
  const figures = answer.data;
  useMemo(() => figures && steps.feed(figures, parseTime(figures.time)), [figures]);
  if (!figures)
    return answer.error ? <ProblemAlert error={answer.error} retry={() => void answer.refetch()} />
      : <Skeleton height={240} />;
  const { totals, counts, listeners } = figures;
  const go = (tab: string, value: number) => (
    <button type="button" className={styles.linkish} onClick={() => set({ tab }, true)}>
      {countText(value)}</button>);
  const up = parseTime(figures.time) - parseTime(figures.since);
  const address = listeners.find((one) => one.name === 'tcp')?.address ?? '';
  const port = address.split(':').pop() ?? '1883';
  return (
    <div className={styles.page} style={{ overflow: 'auto' }}>
      <ProblemAlert error={answer.error} />
      <div className={styles.cards}>
        {(['messages_in', 'messages_out', 'bytes_in', 'bytes_out'] as const).map((name) => (
          <RateCard key={name} name={name} figures={figures} />))}
      </div>
      <div className={styles.columns}>
        <Pairs title={t('now')} rows={[
          [t('connectedClients'), go('clients', totals.connected)],
          [t('sessions'), countText(totals.sessions)],
          [t('tab_subscriptions'), go('subscriptions', totals.subscriptions)],
          [t('sharedGroups'), countText(totals.shared_groups)],
          [t('retainedMessages'), go('retained', totals.retained)],
          [t('retainedBytes'), bytesText(totals.retained_bytes)],
          [t('recentTopics'), go('topics', totals.recent_topics)],
          [t('pausedPublishers'), mark(totals.paused)],
        ]} />
        <Pairs title={t('sinceStart', { time: formatDuration(up) })} rows={[
          [t('messagesIn'), countText(counts.messages_in)],
          [t('messagesOut'), countText(counts.messages_out)],
          [t('kept'), countText(counts.kept)],
          [t('keepFailed'), mark(counts.keep_failed)],
          [t('unmatched'), countText(counts.unmatched)],
          [t('connectionsOpened'), countText(counts.connections_opened)],
          [t('connectsRefused'), mark(counts.connects_refused)],
          [t('takeovers'), countText(counts.takeovers)],
          [t('keepAliveTimeouts'), countText(counts.keep_alive_timeouts)],
          [t('protocolErrors'), mark(counts.protocol_errors)],
          [t('publishesDenied'), mark(counts.publishes_denied)],
        ]} />
        <div className={styles.side}>
          <Pairs title={t('droppedByReason')} rows={[
            ...(['slow', 'queue_full', 'expired', 'too_large', 'offline'] as const).map((name) => (
              [t(`drop_${name}`), mark(counts.dropped[name])] as [string, ReactNode])),
            [t('total'), mark(counts.dropped.total)],
          ]} />
          <Pairs title={t('listeners')} rows={[
            ...listeners.map((one) => [
              t(one.name === 'tcp' ? 'listenTcp' : one.name === 'websocket' ? 'listenWs'
                : 'listenOther', { name: one.name }),
              <State key={one.name} kind="ok">{one.address}</State>] as [string, ReactNode]),
            [t('startedAt'), formatTime(parseTime(figures.since), 'full', zone)],
          ]} />
          <CopyCode code={`mosquitto_pub -h ${location.hostname} -p ${port} -t my/topic -m 1`} />
        </div>
      </div>
    </div>
  );
}
