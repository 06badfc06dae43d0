import { ActionIcon, Button, Skeleton } from '@mantine/core';
import { Activity, ChevronDown, ChevronRight } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { usePoints } from '~/lib/points';
import { formatNumber } from '~/lib/units';
import { DataTable, Empty, ProblemAlert, Sparkline, Value, type Column } from '~/ui';
import styles from './gateway.module.css';
import { Age, SearchBox } from './parts';
import { treeRows, type TreeRow } from './tree';
import { useParams } from './useParam';
import { words, type T } from './words';

const indent = 18;

function columnsOf(t: T): Column<TreeRow>[] {
  return [
    { id: 'name', title: t('point'), cell: (row) => (
      <span style={{ paddingLeft: row.depth * indent, display: 'inline-flex', gap: 6,
        alignItems: 'center', verticalAlign: 'middle' }} title={row.path}>
        {row.kind === 'branch'
          ? row.open ? <ChevronDown size={14} /> : <ChevronRight size={14} />
          : <span style={{ width: 14 }} />}
        {row.kind === 'branch' ? <strong>{row.name}</strong> : row.name}
        {row.kind === 'branch' && <span className={styles.dim}>{formatNumber(row.count)}</span>}
      </span>) },
    { id: 'value', title: t('value'), width: 160, right: true, cell: (row) => row.kind === 'leaf'
      && <Value point={row.path} unit={row.point.unit} /> },
    { id: 'age', title: t('age'), width: 90, right: true,
      cell: (row) => row.kind === 'leaf' && <Age point={row.path} /> },
    { id: 'type', title: t('type'), width: 90,
      cell: (row) => row.kind === 'leaf' && row.point.type },
    { id: 'line', title: t('lastHour'), width: 150, cell: (row) => row.kind === 'leaf'
      && row.point.type !== 'text'
      && <Sparkline point={row.path} width={128} height={24} /> },
    { id: 'do', title: '', width: 48, cell: (row) => (
      <ActionIcon variant="subtle" size="sm" component={Link}
        onClick={(event: { stopPropagation: () => void }) => event.stopPropagation()}
        aria-label={t('trendOf', { name: row.name })} to={`/trends?pens=${
          row.kind === 'leaf' ? encodeURIComponent(row.path)
            : encodeURIComponent(`${row.path}/#`)}`}><Activity size={14} /></ActionIcon>) },
  ];
}

// Every point there is, whoever brings it: devices, MQTT clients, rules.
export function PointTree(): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const points = usePoints();
  const [open, setOpen] = useState<ReadonlySet<string>>(
    () => new Set(get('open') ? get('open').split(',') : []));
  const q = get('q');
  const rows = useMemo(() => treeRows(points.data ?? [], open, q), [points.data, open, q]);
  const columns = useMemo(() => columnsOf(t).map((column) => (column.id === 'do'
    ? { ...column, cell: (row: TreeRow) => row.kind === 'leaf' && column.cell(row) } : column)),
  [t]);
  const change = (next: Set<string>) => {
    setOpen(next);
    // A long list would not fit an address.
    const text = [...next].join(',');
    set({ open: text.length < 1500 ? text : null });
  };
  if (points.isError)
    return <ProblemAlert error={points.error} retry={() => void points.refetch()} />;
  if (!points.data) return <Skeleton height={240} />;
  if (points.data.length === 0)
    return <Empty title={t('noPoints')} text={t('noPointsText')}
      command="mosquitto_pub -t works/tank/level -m 2.5" />;
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <SearchBox value={q} onChange={(text) => set({ q: text })} label={t('searchPoints')} />
        <Button size="compact-sm" variant="default" disabled={open.size === 0}
          onClick={() => change(new Set())}>{t('foldAll')}</Button>
        <span className={styles.dim}>{t('pointCount', { count: points.data.length })}</span>
      </div>
      <div className={styles.fill}>
        <DataTable rows={rows} columns={columns} label={t('tab_points')}
          rowKey={(row) => `${row.kind} ${row.path}`}
          onOpen={(row) => {
            if (row.kind !== 'branch') return;
            const next = new Set(open);
            if (next.has(row.path)) next.delete(row.path);
            else next.add(row.path);
            change(next);
          }} />
      </div>
    </div>
  );
}
