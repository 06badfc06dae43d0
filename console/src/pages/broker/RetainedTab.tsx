import { ActionIcon, Button, Drawer, Group, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { getJson, query } from '~/lib/api';
import { useMay } from '~/lib/session';
import { formatDuration } from '~/lib/time';
import { DataTable, Empty, ProblemAlert, type Column } from '~/ui';
import { ForgetDialog } from './actions';
import styles from './broker.module.css';
import { base, pageRows, usePage, type Page, type Retained } from './model';
import { bytesText, Note, Pager, SearchBox } from './parts';
import { fromBase64 } from './topics/bytes';
import { decode, formatOf } from './topics/decode';
import { useParams } from './useParams';
import { words } from './words';

const previewBytes = 120;
const viewBytes = 65_536;

const bytesOf = (one: Retained): Uint8Array => one.payload_base64 !== undefined
  ? fromBase64(one.payload_base64) : new TextEncoder().encode(one.payload ?? '');

function PayloadDrawer({ topic, onClose, onForget }: {
  topic: string; onClose: () => void; onForget: (() => void) | null;
}): ReactNode {
  const t = words.use();
  const { set } = useParams();
  const answer = useQuery({
    queryKey: ['broker', 'retained', 'one', topic],
    queryFn: ({ signal }) => getJson<Page<Retained>>(
      `${base}/retained${query({ filter: topic, payload: viewBytes, limit: 1 })}`, { signal }),
  });
  const one = answer.data?.items[0];
  const payload = one && bytesOf(one);
  const shown = one && payload
    && decode({ topic, payload }, formatOf(topic, payload, one.content_type));
  return (
    <Drawer opened onClose={onClose} position="right" size={640}
      title={<span className={styles.topicName}>{topic}</span>}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <div className={styles.page}>
        <ProblemAlert error={answer.error} />
        {answer.data && !one && <Note>{t('retainedGone')}</Note>}
        {one && payload && shown && (
          <>
            <div className={styles.meta}>
              <span>QoS <b>{one.qos}</b></span>
              <span>{t('size')} <b>{bytesText(one.payload_bytes)}</b></span>
              <span>{t('format')} <b>{t(`fmt_${shown.format}`)}</b></span>
              {one.content_type && <span>{t('contentType')} <b>{one.content_type}</b></span>}
              {one.expires_in_s !== undefined && <span>{t('expiresIn')}{' '}
                <b>{formatDuration(one.expires_in_s * 1000)}</b></span>}
            </div>
            {payload.length < one.payload_bytes && <Note kind="warn">{t('cutHere', {
              kept: bytesText(payload.length), all: bytesText(one.payload_bytes) })}</Note>}
            {shown.problem && <Note kind="warn">{shown.problem}</Note>}
            <pre className={styles.payload} tabIndex={0}>{shown.text}</pre>
            <Group justify="flex-end">
              <Button size="compact-sm" variant="default" onClick={() => set(
                { tab: 'topics', topic, filter: null, q: null }, true)}>{t('inExplorer')}</Button>
              {onForget && <Button size="compact-sm" variant="default" onClick={onForget}
                leftSection={<Trash2 size={14} />}>{t('forget')}…</Button>}
            </Group>
          </>)}
      </div>
    </Drawer>
  );
}

export function RetainedTab(): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const may = useMay('engineer');
  const [asked, setAsked] = useState('');
  const answer = usePage<Retained>('retained', { filter: get('q') || undefined, limit: pageRows,
    payload: previewBytes, cursor: get('cursor') || undefined }, 5000);
  const columns: Column<Retained>[] = useMemo(() => [
    { id: 'topic', title: t('topic'), width: '42%', sort: (one) => one.topic,
      cell: (one) => <span className="hw-mono" title={one.topic}>{one.topic}</span> },
    { id: 'payload', title: t('payload'), cell: (one) => (
      <span className={`hw-mono ${styles.dim}`}>{one.payload ?? t('binary')}</span>) },
    { id: 'size', title: t('size'), width: 90, right: true, sort: (one) => one.payload_bytes,
      cell: (one) => bytesText(one.payload_bytes) },
    { id: 'qos', title: 'QoS', width: 60, right: true, sort: (one) => one.qos,
      cell: (one) => one.qos },
    { id: 'expires', title: t('expiresIn'), width: 100, right: true,
      sort: (one) => one.expires_in_s ?? Infinity,
      cell: (one) => one.expires_in_s === undefined
        ? '–' : formatDuration(one.expires_in_s * 1000) },
    ...(may ? [{ id: 'forget', title: '', width: 46, cell: (one: Retained) => (
      <ActionIcon variant="subtle" size="sm" aria-label={`${t('forget')} ${one.topic}`}
        title={t('forget')} onClick={(event) => {
          event.stopPropagation();
          setAsked(one.topic);
        }}><Trash2 size={14} /></ActionIcon>) }] : []),
  ], [t, may]);
  const rows = answer.data?.items ?? [];
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <SearchBox name="q" label={t('topicFilter')} width={340} />
        <span className={`${styles.small} ${styles.dim}`}>{t('retainedHint')}</span>
      </div>
      <ProblemAlert error={answer.error} retry={() => void answer.refetch()} />
      {!answer.data ? !answer.error && <Skeleton height={240} />
        : rows.length === 0 && !get('q') && !get('cursor') ? (
          <Empty title={t('noRetained')} text={t('noRetainedText')}
            command={`mosquitto_pub -h ${location.hostname} -t my/topic -r -m 1`} />
        ) : (
          <div className={styles.fill}>
            <DataTable rows={rows} columns={columns} rowKey={(one) => one.topic}
              label={t('tab_retained')} selected={get('filter') || undefined}
              onOpen={(one) => set({ filter: one.topic }, true)} />
          </div>)}
      <Pager next={answer.data?.next} rows={rows.length} />
      {get('filter') && <PayloadDrawer topic={get('filter')} onClose={() => set({ filter: null })}
        onForget={may ? () => setAsked(get('filter')) : null} />}
      {asked && <ForgetDialog topic={asked} onClose={() => setAsked('')}
        onDone={() => set({ filter: null })} />}
    </div>
  );
}
