import { useMemo, type ReactNode } from 'react';
import { formatTime } from '~/lib/time';
import { DataTable, type Column } from '~/ui';
import type { Range, ShownPen } from './chart/types';
import { valueAt } from './PenTable';
import styles from './trends.module.css';
import { words } from './words';

interface Row {
  time: number;
  pen: number;
  text: string;
  quality: number;
}

const qualities = ['good', 'uncertain', 'bad'] as const;

// The rows that the chart draws, as a table: its twin for those who read rather than look.
export function ValueTable({ shown, version, window, zone }: {
  shown: ShownPen[]; version: number; window: Range; zone: string;
}): ReactNode {
  const t = words.use();
  const rows = useMemo(() => {
    const all: Row[] = [];
    shown.forEach((one, pen) => {
      if (one.pen.hidden) return;
      for (const time of one.track?.times ?? []) {
        if (time < window.from || time > window.to) continue;
        const at = valueAt(one, time);
        if (at) all.push({ time, pen, ...at });
      }
    });
    return all.sort((a, b) => b.time - a.time || a.pen - b.pen);
    // Tracks grow in place; `version` tells it.
  }, [shown, version, Math.round(window.from / 1000), Math.round(window.to / 1000)]);
  const columns = useMemo<Column<Row>[]>(() => [
    { id: 'time', title: t('time'), width: 220, sort: ({ time }) => time,
      cell: ({ time }) => <span className="hw-num">{formatTime(time, 'ms', zone)}</span> },
    { id: 'pen', title: t('pen'), sort: ({ pen }) => shown[pen]?.pen.point ?? '',
      cell: ({ pen }) => shown[pen]?.pen.point },
    { id: 'value', title: t('last'), width: 180, right: true, cell: ({ text }) => text },
    { id: 'unit', title: t('unit'), width: 90, cell: ({ pen }) => shown[pen]?.unit },
    { id: 'quality', title: t('quality'), width: 110,
      cell: ({ quality }) => <span className={quality ? 'hw-hatched' : undefined}>
        {t(qualities[quality] ?? 'good')}</span> },
  ], [shown, zone, t]);
  return (
    <div className={styles.fill}>
      <DataTable rows={rows} columns={columns} label={t('openTable')}
        rowKey={({ time, pen }) => `${pen} ${time}`} />
    </div>
  );
}
