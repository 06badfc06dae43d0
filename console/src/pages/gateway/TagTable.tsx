import { ActionIcon, Button, SegmentedControl, Select, Tooltip } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Activity, ListPlus, Plus, RefreshCw } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { getJson, query } from '~/lib/api';
import { useLive } from '~/lib/live';
import { useMay } from '~/lib/session';
import { formatNumber } from '~/lib/units';
import { DataTable, Empty, State, Value, type Column } from '~/ui';
import { qualityText } from '~/words/qualities';
import { ChosenTags, rowKeyOf, tagChoice } from './ChosenTags';
import styles from './gateway.module.css';
import { GroupDialog } from './GroupDialog';
import {
  deviceUrl, mayBeWritten, pointOf, readOnly, type Device, type Tag,
} from './model';
import { Age, SearchBox } from './parts';
import { RangeDialog } from './RangeDialog';
import { TagDialog } from './TagDialog';
import { sayDeviceUndo } from './undo';
import { useParams } from './useParam';
import { WriteCell } from './WriteCell';
import { words, type T } from './words';

export interface TagRow {
  group: string;
  intervalMs: number;
  tag: Tag;
  point: string;
}

// Quality by shape, text and colour, from the live value.
function Quality({ point, error }: { point: string; error: string | undefined }): ReactNode {
  const t = words.use();
  const { value, trust } = useLive(point);
  if (trust === 'good') return <State kind="ok">{t('qGood')}</State>;
  if (trust === 'none')
    return <State kind={error ? 'alarm' : 'idle'} title={error}>{error ?? t('qNone')}</State>;
  const text = trust === 'stale' || trust === 'offline' ? t(`q_${trust}`)
    : qualityText(value?.quality ?? trust);
  return (
    <State kind={trust === 'uncertain' ? 'warn' : trust === 'stale' ? 'note' : 'alarm'}
      title={error || text}>{error && trust === 'bad' ? error : text}</State>
  );
}

// Columns in which no tag has anything to say are left out.
function columnsOf(
  t: T, errors: Map<string, string>, mayWrite: boolean, rows: TagRow[],
): Column<TagRow>[] {
  const some = (has: (row: TagRow) => boolean) => rows.some(has);
  const needed: Record<string, boolean> = {
    scale: some(({ tag }) => scaleText(tag) !== '–'),
    range: some(({ tag }) => rangeText(tag) !== '–'),
    group: some(({ group }) => group !== rows[0]?.group),
  };
  const all: Column<TagRow>[] = [
    { id: 'name', title: t('tag'), sort: ({ tag }) => tag.name,
      cell: ({ tag }) => (
        <span className={styles.tail}
          title={[tag.name, tag.description].filter(Boolean).join(': ')}>
          <bdi>{tag.name}</bdi>
        </span>) },
    { id: 'value', title: t('value'), width: 122, right: true,
      cell: ({ tag, point }) => <Value point={point} unit={tag.unit} /> },
    { id: 'quality', title: t('quality'), width: 104,
      cell: ({ point }) => <Quality point={point} error={errors.get(point)} /> },
    { id: 'age', title: t('age'), width: 66, right: true,
      cell: ({ point }) => <Age point={point} /> },
    { id: 'address', title: t('address'), width: 116, sort: ({ tag }) => tag.address,
      cell: ({ tag }) => <span className="hw-mono" title={tag.address}>{tag.address}</span> },
    { id: 'type', title: t('type'), width: 66, sort: ({ tag }) => tag.type,
      cell: ({ tag }) => tag.type },
    { id: 'access', title: t('access'), width: 92, sort: ({ tag }) => tag.access,
      cell: ({ tag }) => accessText(tag.access, t) },
    { id: 'scale', title: t('scale'), width: 84, right: true,
      cell: ({ tag }) => scaleText(tag) },
    { id: 'range', title: t('range'), width: 92, right: true, cell: ({ tag }) => rangeText(tag) },
    { id: 'group', title: t('group'), width: 104, sort: ({ group }) => group,
      cell: ({ group }) => group },
    { id: 'do', title: '', width: 76, cell: ({ tag, point }) => (
      <span className={styles.actions} onClick={(event) => event.stopPropagation()}
        role="presentation">
        <Tooltip label={t('trend')}>
          <ActionIcon variant="subtle" size="sm" component={Link}
            to={`/trends?pens=${encodeURIComponent(point)}`}
            aria-label={t('trendOf', { name: tag.name })}><Activity size={14} /></ActionIcon>
        </Tooltip>
        {mayWrite && mayBeWritten(tag) && <WriteCell point={point} tag={tag} />}
      </span>) },
  ];
  return all.filter((column) => needed[column.id] ?? true);
}

export const accessText = (access: string, t: T): string => [
  /\bread\b/.test(access) ? t('acRead') : '', mayBeWritten({ access }) ? t('acWrite') : '',
  /on_change/.test(access) ? t('acChange') : '',
].filter(Boolean).join(' ');

function scaleText({ scale, offset, bias }: Tag): string {
  const sum = offset + bias;
  if (scale === 1 && sum === 0) return '–';
  return `×${scale}${sum ? ` ${sum > 0 ? '+' : '−'}${Math.abs(sum)}` : ''}`;
}

const rangeText = ({ min, max }: Tag): string => min === null && max === null ? '–'
  : `${min === null ? '' : formatNumber(min)} … ${max === null ? '' : formatNumber(max)}`;

// The text of the last failed read of the tags that are bad now.
const useTagErrors = (name: string, anyBad: boolean) => useQuery({
  queryKey: ['gateway', 'tagErrors', name],
  queryFn: async ({ signal }) => {
    const page = await getJson<{ items: { point: string; error?: string }[] }>(
      `${deviceUrl(name)}/tags${query({ quality: 'bad', limit: 1000 })}`, { signal });
    return new Map(page.items.filter((row) => row.error)
      .map((row) => [row.point, row.error ?? '']));
  },
  refetchInterval: 5000,
  enabled: anyBad,
});

const noErrors = new Map<string, string>();

export function TagTable({ device }: { device: Device }): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const { get, set } = useParams();
  const mayChange = useMay('engineer') && !readOnly(device);
  const mayWrite = useMay('operator');
  const [editing, setEditing] = useState<TagRow | 'new' | 'range' | 'group' | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const badCount = device.state?.tags_bad ?? 0;
  const errors = useTagErrors(device.name, badCount > 0).data ?? noErrors;
  const shownErrors = badCount > 0 ? errors : noErrors;
  const group = get('group');
  const q = get('tq').toLowerCase();
  const only = get('only');
  const rows = useMemo(() => device.groups.flatMap((one) => one.tags.map((tag) => (
    { group: one.name, intervalMs: one.interval_ms, tag, point: pointOf(device.name, tag) }))),
  [device.groups, device.name]);
  const shown = useMemo(() => rows.filter((row) => (!group || row.group === group)
    && (!q || `${row.tag.name} ${row.tag.address} ${row.tag.description}`.toLowerCase().includes(q))
    && (only === 'write' ? mayBeWritten(row.tag)
      : only === 'bad' ? shownErrors.has(row.point) : true)),
  [rows, group, q, only, shownErrors]);
  const columns = useMemo(() => {
    const toggle = (key: string) => setChosen((old) => {
      const next = new Set(old);
      if (!next.delete(key)) next.add(key);
      return next;
    });
    const all = columnsOf(t, shownErrors, mayWrite, rows);
    return mayChange ? [tagChoice(t, chosen, toggle), ...all] : all;
  }, [t, shownErrors, mayWrite, mayChange, rows, chosen]);
  const done = () => {
    setEditing(null);
    void client.invalidateQueries({ queryKey: ['gateway'] });
    void sayDeviceUndo(client, device, t('deviceChanged', { name: device.name }));
  };
  const close = () => setEditing(null);
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <SearchBox value={get('tq')} onChange={(text) => set({ tq: text })}
          label={t('searchTags')} width={190} />
        <Select size="xs" w={140} clearable placeholder={t('allGroups')} value={group || null}
          aria-label={t('group')} onChange={(value) => set({ group: value })}
          data={device.groups.map((one) => one.name)} />
        <SegmentedControl size="xs" value={only || 'all'} aria-label={t('tags')}
          onChange={(value) => set({ only: value === 'all' ? null : value })}
          data={(['all', 'write', 'bad'] as const).map((value) => (
            { value, label: t(`only_${value}`) }))} />
        <span className={styles.dim}>
          {t('tagsShown', { count: formatNumber(shown.length), all: formatNumber(rows.length) })}
        </span>
        <span className={styles.spring} />
        {mayChange && (
          <>
            <Button size="compact-sm" variant="default" leftSection={<RefreshCw size={14} />}
              onClick={() => setEditing('group')}>{t('groups')} …</Button>
            <Button size="compact-sm" variant="default" leftSection={<ListPlus size={14} />}
              onClick={() => setEditing('range')}>{t('addRange')}</Button>
            <Button size="compact-sm" leftSection={<Plus size={14} />}
              onClick={() => setEditing('new')}>{t('addTag')}</Button>
          </>)}
      </div>
      {mayChange && chosen.size > 0 && <ChosenTags device={device} chosen={chosen} shown={shown}
        onChoose={(keys) => setChosen(new Set(keys))} />}
      {rows.length === 0 ? (
        <Empty title={t('noTagsTitle')} text={t('noTagsText')}
          action={mayChange ? { label: t('addTag'), run: () => setEditing('new') } : undefined}
          command={`headworks device import tags.csv --device ${device.name}`} />
      ) : (
        <div className={styles.fill}>
          <DataTable rows={shown} columns={columns} rowKey={rowKeyOf} label={t('tags')}
            onOpen={(row) => setEditing(row)} />
        </div>)}
      {editing === 'range' && <RangeDialog device={device} onClose={close} onDone={done} />}
      {editing === 'group' && <GroupDialog device={device} onClose={close} onDone={done} />}
      {editing !== null && editing !== 'range' && editing !== 'group' && (
        <TagDialog device={device} row={editing === 'new' ? null : editing} fixed={!mayChange}
          onClose={close} onDone={done} />)}
    </div>
  );
}
