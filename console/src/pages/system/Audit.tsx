import { Button, Modal, Select, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { getJson, query, send } from '~/lib/api';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { save } from '~/pages/gateway/flaws';
import styles from '~/pages/gateway/gateway.module.css';
import { useParams } from '~/pages/gateway/useParam';
import { fromZone, inZone } from '~/pages/trends/zone';
import { DataTable, ProblemAlert, problemText, State, type Column } from '~/ui';
import { changesOf, shortly } from './diff';
import type { AuditRecord } from './model';
import { words, type T } from './words';

interface Row extends AuditRecord {
  key: string;
}

const spans = ['1h', '1d', '7d', '30d', 'own'] as const;
const results = ['all', 'ok', 'not'] as const;

// The window that is asked for; a time of one's own is text as the address has it (RFC 3339).
export const windowOf = (span: string, from: string, to: string): { from: string; to?: string } =>
  (span === 'own' ? { from: from || 'now-7d', ...(to ? { to } : {}) } : { from: `now-${span}` });

// A filter that is applied when one leaves it or presses Enter, and keeps the focus.
function FilterField({ value, label, width, onChange }: {
  value: string; label: string; width: number; onChange: (text: string) => void;
}): ReactNode {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const apply = () => {
    if (text.trim() !== value) onChange(text.trim());
  };
  return (
    <TextInput size="xs" w={width} placeholder={label} aria-label={label} value={text}
      spellCheck={false} onBlur={apply} onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !event.nativeEvent.isComposing) apply();
      }} />
  );
}

function TimeField({ value, label, zone, onChange }: {
  value: string; label: string; zone: string; onChange: (text: string) => void;
}): ReactNode {
  const time = parseTime(value);
  return (
    <TextInput size="xs" type="datetime-local" aria-label={label} title={`${label}, ${zone}`}
      defaultValue={Number.isFinite(time) ? inZone(time, zone).slice(0, 16) : ''}
      onBlur={(event) => {
        const typed = fromZone(event.currentTarget.value, zone);
        onChange(Number.isFinite(typed) ? new Date(typed).toISOString() : '');
      }} />
  );
}

const columnsOf = (t: T, zone: string): Column<Row>[] => [
  { id: 'time', title: t('time'), width: 182,
    cell: (one) => <span className={styles.num}>{formatTime(parseTime(one.time), 'full', zone)}
    </span> },
  { id: 'actor', title: t('actor'), width: 116, sort: (one) => one.actor,
    cell: (one) => one.actor || <span className={styles.dim} title={one.origin}>{one.origin}
    </span> },
  { id: 'action', title: t('action'), width: 150, sort: (one) => one.action,
    cell: (one) => one.action },
  { id: 'target', title: t('target'), width: '22%', sort: (one) => one.target,
    cell: (one) => <span title={one.target}>{one.target}</span> },
  { id: 'change', title: t('whatChanged'), cell: (one) => (
    <span className={styles.dim} lang="en">{shortly(changesOf(one.old, one.new))}</span>) },
  { id: 'result', title: t('result'), width: 150, sort: (one) => one.result,
    cell: (one) => <State kind={one.result === 'ok' ? 'ok' : 'warn'} title={one.detail}>
      {one.result === 'ok' ? t('resultOk')
        : <span lang="en">{one.result.replaceAll('_', ' ')}</span>}</State> },
];

function Details({ record, onClose }: { record: AuditRecord; onClose: () => void }): ReactNode {
  const t = words.use();
  const zone = useZone();
  const changes = changesOf(record.old, record.new);
  return (
    <Modal opened onClose={onClose} size={820} title={`${record.action} ${record.target}`}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <dl className={styles.pairs} style={{ marginBottom: 12 }}>
        <dt>{t('time')}</dt><dd>{formatTime(parseTime(record.time), 'ms', zone)}</dd>
        <dt>{t('actor')}</dt><dd>{record.actor || '–'}</dd>
        <dt>{t('from')}</dt><dd>{record.origin}</dd>
        <dt>{t('result')}</dt><dd>{record.result === 'ok' ? t('resultOk')
          : <span lang="en">{record.result}</span>}</dd>
        {record.detail && <><dt>{t('detail')}</dt><dd lang="en">{record.detail}</dd></>}
      </dl>
      <table className={`${styles.plain} ${styles.lined} ${styles.fixed}`}>
        <thead><tr><th>{t('member')}</th><th>{t('old')}</th><th>{t('new')}</th></tr></thead>
        <tbody>
          {changes.map((change) => (
            <tr key={change.path}>
              <td className="hw-mono" style={{ overflowWrap: 'anywhere' }}>
                {change.path || t('value')}</td>
              <td style={{ overflowWrap: 'anywhere' }}>{change.old
                ? <del className={styles.dim}>{change.old}</del> : '–'}</td>
              <td style={{ overflowWrap: 'anywhere' }}>{change.new
                ? <strong>{change.new}</strong> : '–'}</td>
            </tr>))}
          {changes.length === 0 && <tr><td colSpan={3}>{t('noChange')}</td></tr>}
        </tbody>
      </table>
    </Modal>
  );
}

export function Audit(): ReactNode {
  const t = words.use();
  const zone = useZone();
  const { get, set } = useParams();
  const [opened, setOpened] = useState<Row | null>(null);
  const span = get('span') || '7d';
  const search = {
    filter: get('path'), actor: get('actor'), action: get('action'),
    ...windowOf(span, get('since'), get('until')),
  };
  const result = results.find((one) => one === get('result')) ?? 'all';
  const audit = useInfiniteQuery({
    queryKey: ['system', 'audit', search],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => getJson<{ items: AuditRecord[]; next: string | null }>(
      `/api/v1/audit${query({ ...search, limit: 200, cursor: pageParam })}`, { signal }),
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (old) => old,
  });
  const rows = useMemo<Row[]>(() => (audit.data?.pages ?? []).flatMap((page) => page.items)
    .map((one, index) => ({ ...one, key: `${one.time} ${index}` }))
    .filter((one) => result === 'all' || (one.result === 'ok') === (result === 'ok')),
  [audit.data, result]);
  const columns = useMemo(() => columnsOf(t, zone), [t, zone]);
  const download = () => {
    send(`/api/v1/audit${query({ ...search, format: 'csv' })}`).then((answer) => answer.blob())
      .then((blob) => save('audit.csv', 'text/csv', blob),
        (error: unknown) => notifications.show({ color: 'red', message: problemText(error) }));
  };
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <FilterField value={get('path')} label={t('auditPath')} width={200}
          onChange={(text) => set({ path: text })} />
        <FilterField value={get('actor')} label={t('actor')} width={110}
          onChange={(text) => set({ actor: text })} />
        <FilterField value={get('action')} label={t('auditAction')} width={160}
          onChange={(text) => set({ action: text })} />
        <Select size="xs" w={130} value={span} aria-label={t('time')} allowDeselect={false}
          data={spans.map((value) => ({ value, label: t(`span_${value}`) }))}
          onChange={(value) => set({ span: value === '7d' ? null : value, since: null,
            until: null })} />
        {span === 'own' && (
          <>
            <TimeField key={`s${get('since')}`} value={get('since')} label={t('fromTime')}
              zone={zone} onChange={(text) => set({ since: text })} />
            <TimeField key={`u${get('until')}`} value={get('until')} label={t('toTime')}
              zone={zone} onChange={(text) => set({ until: text })} />
          </>)}
        <Select size="xs" w={140} value={result} aria-label={t('result')} allowDeselect={false}
          data={results.map((value) => ({ value, label: t(`result_${value}`) }))}
          onChange={(value) => set({ result: value === 'all' ? null : value })} />
        <span className={styles.spring} />
        <Button size="compact-sm" variant="default" leftSection={<Download size={14} />}
          onClick={download}>CSV</Button>
      </div>
      <ProblemAlert error={audit.error} retry={() => void audit.refetch()} />
      <div className={styles.fill}>
        <DataTable rows={rows} columns={columns} label={t('tab_audit')} rowKey={(one) => one.key}
          onOpen={setOpened} empty={audit.isPending ? t('loading') : t('noAudit')} />
      </div>
      {audit.hasNextPage && (
        <Button size="compact-sm" variant="default" w="fit-content"
          loading={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
          {t('older')}</Button>)}
      {opened && <Details record={opened} onClose={() => setOpened(null)} />}
    </div>
  );
}
