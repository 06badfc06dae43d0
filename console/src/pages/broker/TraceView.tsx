import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { ArrowLeft, Download, Square, Trash2 } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { getJson, query, seg, send, sendJson, type Schemas } from '~/lib/api';
import { useMay } from '~/lib/session';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { DataTable, ProblemAlert, type Column } from '~/ui';
import styles from './broker.module.css';
import { base, refresh, type Trace, type TraceRecord } from './model';
import { Ask, bytesText, countText, Note } from './parts';
import { download } from './topics/exports';
import { TraceState } from './Traces';
import { useParams } from './useParams';
import { words } from './words';

const keptRecords = 5000;
const followMs = 1000;
const traceUrl = (name: string): string => `${base}/traces/${seg(name)}`;

// The records of a trace, growing while it runs; at most the newest keptRecords.
function useRecords(name: string, running: boolean): {
  rows: TraceRecord[]; left: number; error: unknown;
} {
  const [rows, setRows] = useState<TraceRecord[]>([]);
  const [left, setLeft] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const last = useRef<number | undefined>(undefined);
  useEffect(() => {
    const abort = new AbortController();
    let timer = 0;
    const look = async () => {
      try {
        const page = await getJson<Schemas['MqttTraceRecords']>(
          `${traceUrl(name)}/records${query({ after: last.current, limit: 1000 })}`,
          { signal: abort.signal });
        last.current = page.last;
        setError(null);
        if (page.items.length) setRows((old) => {
          const all = [...old, ...page.items];
          if (all.length > keptRecords) setLeft((count) => count + all.length - keptRecords);
          return all.slice(-keptRecords);
        });
      } catch (failed) {
        if (abort.signal.aborted) return;
        setError(failed);
      }
      if (running && !abort.signal.aborted) timer = window.setTimeout(() => void look(), followMs);
    };
    void look();
    return () => {
      abort.abort();
      window.clearTimeout(timer);
    };
  }, [name, running]);
  return { rows, left, error };
}

const payloadOf = (one: TraceRecord): string =>
  one.payload ?? (one.payload_bytes === undefined ? '' : bytesText(one.payload_bytes));

export function TraceView({ name, trace }: { name: string; trace: Trace | undefined }): ReactNode {
  const t = words.use();
  const zone = useZone();
  const { set } = useParams();
  const client = useQueryClient();
  const may = useMay('engineer');
  const [error, setError] = useState<unknown>(null);
  const [deleting, setDeleting] = useState(false);
  const records = useRecords(name, trace?.running ?? false);
  const newestFirst = useMemo(() => [...records.rows].reverse(), [records.rows]);
  const columns: Column<TraceRecord>[] = useMemo(() => [
    { id: 'time', title: t('time'), width: 216,
      cell: (one) => formatTime(parseTime(one.time), 'ms', zone) },
    { id: 'event', title: t('event'), width: 140, cell: (one) => t(`event_${one.event}`),
      sort: (one) => one.event },
    { id: 'client', title: t('clientId'), width: 190, cell: (one) => one.client_id ?? '–',
      sort: (one) => one.client_id ?? '' },
    { id: 'topic', title: t('topic'), cell: (one) => (
      <span className="hw-mono" title={one.topic}>{one.topic ?? '–'}</span>),
      sort: (one) => one.topic ?? '' },
    { id: 'qos', title: 'QoS', width: 56, right: true, cell: (one) => one.qos ?? '' },
    { id: 'more', title: t('payloadOrReason'), cell: (one) => (
      <span className="hw-mono" title={payloadOf(one) || one.reason}>
        {one.reason || payloadOf(one)}</span>) },
  ], [t, zone]);
  const attempt = (work: Promise<unknown>) => {
    setError(null);
    work.then(() => refresh(client), setError);
  };
  const save = () => attempt(send(`${traceUrl(name)}/records${query(
    { after: 0, limit: 10_000, format: 'ndjson' })}`).then((answer) => answer.blob())
    .then((blob) => download(`trace-${name.replace(/[^\w.-]+/g, '_')}.ndjson`,
      'application/x-ndjson', blob)));
  return (
    <>
      <div className={styles.bar}>
        <Button size="compact-sm" variant="subtle" leftSection={<ArrowLeft size={14} />}
          onClick={() => set({ trace: null }, true)}>{t('tab_traces')}</Button>
        <strong>{name}</strong>
        {trace && <TraceState trace={trace} />}
        {trace && <span className={`${styles.dim} ${styles.small}`}>
          {t(`kind_${trace.kind}`)} <span className="hw-mono">{trace.value}</span>
          {' · '}{t('recordsKept', { all: countText(trace.records),
            kept: countText(trace.kept) })}</span>}
        <span className={styles.spring} />
        {may && (
          <>
            <Button size="compact-sm" variant="default" leftSection={<Download size={14} />}
              onClick={save}>NDJSON</Button>
            <Button size="compact-sm" variant="default" leftSection={<Square size={14} />}
              disabled={!trace?.running}
              onClick={() => attempt(sendJson('POST', `${traceUrl(name)}/stop`))}>
              {t('stop')}</Button>
            <Button size="compact-sm" variant="default" leftSection={<Trash2 size={14} />}
              onClick={() => setDeleting(true)}>{t('delete')}…</Button>
          </>)}
      </div>
      <ProblemAlert error={error ?? records.error} />
      {records.left > 0 && <Note kind="warn">{t('recordsLeft',
        { count: countText(records.left) })}</Note>}
      {trace && trace.records > trace.kept && <Note kind="warn">{t('recordsLost',
        { count: countText(trace.records - trace.kept) })}</Note>}
      <div className={styles.fill}>
        <DataTable rows={newestFirst} columns={columns} rowKey={(one) => String(one.number)}
          label={t('records')} empty={t('noRecords')} />
      </div>
      {deleting && (
        <Ask title={t('deleteTrace', { name })} verb={t('delete')} reason={false}
          onClose={() => setDeleting(false)} run={async () => {
            await send(traceUrl(name), { method: 'DELETE' });
            set({ trace: null });
            await refresh(client);
          }}>
          <div>{t('deleteTraceText')}</div>
        </Ask>)}
    </>
  );
}
