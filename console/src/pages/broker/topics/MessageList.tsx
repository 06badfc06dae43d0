import { Button } from '@mantine/core';
import { Download } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import { formatTime, useZone } from '~/lib/time';
import { DataTable, type Column } from '~/ui';
import styles from '../broker.module.css';
import { bytesText, countText } from '../parts';
import { words } from '../words';
import { utf8 } from './bytes';
import { download, toCsv, toNdjson } from './exports';
import { limits, type Message } from './store';
import type { Explorer } from './useExplorer';

const textOf = (message: Message): string =>
  utf8(message.payload.subarray(0, 300)) ?? bytesText(message.size);

// What came on the topic and below since it was opened, the newest first.
export function MessageList({ explorer, topic, onOpen }: {
  explorer: Explorer; topic: string; onOpen: (message: Message) => void;
}): ReactNode {
  const t = words.use();
  const zone = useZone();
  const { store, version } = explorer;
  const rows = useMemo(() => store.ring.all().reverse(), [store, version]);
  const columns: Column<Message>[] = useMemo(() => [
    { id: 'time', title: t('time'), width: 124,
      cell: (one) => formatTime(one.time, 'ms', zone).replace(/^.*?[\s,]+(?=\d{2}:)/, '') },
    { id: 'topic', title: t('topic'), width: '34%', cell: (one) => (
      <span title={one.topic}>
        {one.topic === topic ? '·' : one.topic.slice(topic.length + 1)}</span>),
      sort: (one) => one.topic },
    { id: 'qos', title: 'QoS', width: 52, right: true, cell: (one) => one.qos },
    { id: 'size', title: t('size'), width: 72, right: true, cell: (one) => bytesText(one.size),
      sort: (one) => one.size },
    { id: 'payload', title: t('payload'), cell: (one) => (
      <span className="hw-mono">
        {one.retain && <span className={styles.tag}>{t('retainedMark')}</span>}
        {one.retain && ' '}{textOf(one)}</span>) },
  ], [t, zone, topic]);
  const name = `mqtt-${topic.replace(/[^\w.-]+/g, '_').slice(0, 60)}`;
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <span className={`${styles.small} ${styles.dim}`}>
          {t('keptMessages', { count: countText(rows.length), most: countText(limits.ring) })}
          {store.ring.dropped > 0 && ` ${t('ringDropped', {
            count: countText(store.ring.dropped) })}`}
        </span>
        <span className={styles.spring} />
        <Button size="compact-xs" variant="default" leftSection={<Download size={13} />}
          onClick={() => download(`${name}.ndjson`, 'application/x-ndjson',
            toNdjson(store.ring.all()))}>NDJSON</Button>
        <Button size="compact-xs" variant="default" leftSection={<Download size={13} />}
          onClick={() => download(`${name}.csv`, 'text/csv', toCsv(store.ring.all()))}>CSV</Button>
      </div>
      <div className={styles.fill}>
        <DataTable rows={rows} columns={columns} rowKey={(one) => String(one.number)}
          label={t('part_messages')} onOpen={onOpen} empty={t('nothingYet')} />
      </div>
    </div>
  );
}
