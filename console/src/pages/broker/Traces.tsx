import { Button, Select, Skeleton, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { sendJson } from '~/lib/api';
import { useMay } from '~/lib/session';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { DataTable, Empty, ProblemAlert, State, type Column } from '~/ui';
import styles from './broker.module.css';
import { base, refresh, usePage, type Trace, type TraceSpec } from './model';
import { Ask, bytesText, countText } from './parts';
import { TraceView } from './TraceView';
import { useParams } from './useParams';
import { words } from './words';

function StartDialog({ value: initial, onClose }: { value: string; onClose: () => void }):
ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const { set } = useParams();
  const [kind, setKind] = useState<TraceSpec['kind']>('client');
  const [value, setValue] = useState(initial);
  const [name, setName] = useState('');
  const [length, setLength] = useState('10m');
  // Unless a person names it, a trace is named by what it follows.
  const wanted = name.trim() || `${kind}-${value.trim()}`.replace(/[^\w.-]+/g, '-').slice(0, 100);
  return (
    <Ask title={t('newTrace')} verb={t('startTrace')} danger={false} reason={false}
      ready={value.trim() !== ''} onClose={onClose} run={async () => {
        const body: TraceSpec = { name: wanted, kind, value: value.trim(), for: length };
        await sendJson('POST', `${base}/traces`, body);
        await refresh(client);
      }} onDone={() => set({ trace: wanted, new: null }, true)}>
      <div>{t('traceText')}</div>
      <Select label={t('follow')} value={kind} allowDeselect={false}
        onChange={(next) => setKind((next ?? 'client') as TraceSpec['kind'])}
        data={(['client', 'topic', 'address'] as const).map((one) => (
          { value: one, label: t(`kind_${one}`) }))} />
      <TextInput label={t(`kind_${kind}`)} required value={value} spellCheck={false}
        placeholder={kind === 'topic' ? 'works/+/flow' : undefined}
        onChange={(event) => setValue(event.currentTarget.value)} />
      <Select label={t('howLong')} value={length} allowDeselect={false}
        onChange={(next) => setLength(next ?? '10m')}
        data={(['1m', '10m', '1h', '24h'] as const).map((one) => (
          { value: one, label: t(`for_${one}`) }))} />
      <TextInput label={t('name')} value={name} placeholder={wanted}
        onChange={(event) => setName(event.currentTarget.value)} />
    </Ask>
  );
}

export function TraceState({ trace }: { trace: Trace }): ReactNode {
  const t = words.use();
  return trace.running ? <State kind="busy">{t('running')}</State>
    : <State kind="idle">{t('stopped')}</State>;
}

export function Traces(): ReactNode {
  const t = words.use();
  const zone = useZone();
  const { get, set } = useParams();
  const may = useMay('engineer');
  const answer = usePage<Trace>('traces', {});
  const columns: Column<Trace>[] = useMemo(() => [
    { id: 'state', title: t('state'), width: 110, cell: (one) => <TraceState trace={one} /> },
    { id: 'name', title: t('name'), cell: (one) => one.name, sort: (one) => one.name },
    { id: 'kind', title: t('follow'), width: 110, cell: (one) => t(`kind_${one.kind}`),
      sort: (one) => one.kind },
    { id: 'value', title: t('value'), sort: (one) => one.value,
      cell: (one) => <span className="hw-mono">{one.value}</span> },
    { id: 'until', title: t('until'), width: 170, sort: (one) => parseTime(one.until),
      cell: (one) => formatTime(parseTime(one.until), 'full', zone) },
    { id: 'records', title: t('records'), width: 100, right: true, sort: (one) => one.records,
      cell: (one) => countText(one.records) },
    { id: 'bytes', title: t('size'), width: 90, right: true, sort: (one) => one.bytes,
      cell: (one) => bytesText(one.bytes) },
    { id: 'by', title: t('by'), width: 120, cell: (one) => one.created_by || '–' },
  ], [t, zone]);
  const trace = answer.data?.items.find((one) => one.name === get('trace'));
  const start = () => set({ new: '1' });
  return (
    <div className={styles.page}>
      {!get('trace') && (
        <div className={styles.bar}>
          <span className={`${styles.dim} ${styles.small}`}>{t('tracesHint')}</span>
          <span className={styles.spring} />
          {may ? <Button size="compact-sm" leftSection={<Plus size={14} />} onClick={start}>
            {t('newTrace')}</Button> : <span className={styles.dim}>{t('needEngineer')}</span>}
        </div>)}
      <ProblemAlert error={answer.error} retry={() => void answer.refetch()} />
      {!answer.data ? !answer.error && <Skeleton height={240} />
        : get('trace') ? <TraceView key={get('trace')} name={get('trace')} trace={trace} />
          : answer.data.items.length === 0 ? (
            <Empty title={t('noTraces')} text={t('noTracesText')}
              action={may ? { label: t('newTrace'), run: start } : undefined}
              command={`curl ${location.origin}/api/v1/mqtt/traces ` +
                `-d '{"name":"t1","kind":"topic","value":"works/#"}'`} />
          ) : (
            <div className={styles.fill}>
              <DataTable rows={answer.data.items} columns={columns} rowKey={(one) => one.name}
                label={t('tab_traces')} onOpen={(one) => set({ trace: one.name }, true)} />
            </div>)}
      {get('new') && may && <StartDialog value={get('new') === '1' ? '' : get('new')}
        onClose={() => set({ new: null })} />}
    </div>
  );
}
