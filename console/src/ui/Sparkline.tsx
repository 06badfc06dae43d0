import { useQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { readHistory } from '~/lib/points';
import { parseTime } from '~/lib/time';
import { words } from './words';

export interface SparkRow {
  time: number;
  value: number; // NaN: a gap
}

// A small line of numbers over time; gaps stay gaps. Pure SVG, some 10 µs a point.
export function SparkLine({ rows, width = 160, height = 36, from, to, low, high, label }: {
  rows: SparkRow[]; width?: number; height?: number; from: number; to: number;
  low?: number; high?: number; label: string;
}): ReactNode {
  const path = useMemo(() => {
    const numbers = rows.map((row) => row.value).filter(Number.isFinite);
    if (numbers.length === 0) return null;
    let least = Math.min(...numbers);
    let most = Math.max(...numbers);
    if (most - least < 1e-9 * Math.max(1, Math.abs(most))) {
      least -= 1;
      most += 1;
    }
    const x = (time: number) => ((time - from) / Math.max(1, to - from)) * width;
    const y = (value: number) => height - 2 - ((value - least) / (most - least)) * (height - 4);
    let line = '';
    let pen = false;
    for (const row of rows) {
      if (Number.isFinite(row.value)) {
        line += `${pen ? 'L' : 'M'}${x(row.time).toFixed(1)} ${y(row.value).toFixed(1)}`;
        pen = true;
      } else pen = false;
    }
    return { line, y, least, most };
  }, [rows, width, height, from, to]);
  const band = path && low !== undefined && high !== undefined
    ? { top: Math.max(0, path.y(high)), end: Math.min(height, path.y(low)) } : null;
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img"
      aria-label={label} style={{ display: 'block' }}>
      {band && band.end > band.top && <rect x="0" y={band.top} width={width}
        height={band.end - band.top} fill="var(--hw-bar-band)" />}
      {path ? <path d={path.line} fill="none" stroke="var(--hw-accent)" strokeWidth="1.4"
        strokeLinejoin="round" /> : null}
    </svg>
  );
}

// Where nothing came for much longer than usual, and longer than some pixels, the line ends.
function withGaps(rows: SparkRow[], width: number): SparkRow[] {
  const first = rows[0];
  const last = rows[rows.length - 1];
  if (!first || !last || rows.length < 3) return rows;
  const steps = rows.slice(1).map((row, i) => row.time - (rows[i] as SparkRow).time);
  const slow = [...steps].sort((a, b) => a - b)[Math.floor(steps.length * 0.9)] as number;
  const patience = Math.max(4 * slow, (3 * (last.time - first.time)) / width);
  return rows.flatMap((row, i) => i > 0 && (steps[i - 1] as number) > patience
    ? [{ time: row.time, value: NaN }, row] : [row]);
}

// The last hour (or `span`) of a point from history; asked again each half minute.
export function Sparkline({ point, span = '1h', width = 160, height = 36, low, high }: {
  point: string; span?: string; width?: number; height?: number; low?: number; high?: number;
}): ReactNode {
  const t = words.use();
  const answer = useQuery({
    queryKey: ['spark', point, span, width],
    queryFn: ({ signal }) => readHistory(point, `now-${span}`, 'now', width, signal),
    refetchInterval: 30_000,
    staleTime: 20_000,
  });
  const rows = useMemo(
    () => withGaps((answer.data ?? []).map((row) => ({
      time: parseTime(row.time),
      value: row.quality.startsWith('bad') ? NaN
        : typeof row.value === 'number' ? row.value
          : typeof row.value === 'boolean' ? Number(row.value) : NaN,
    })), width),
    [answer.data],
  );
  const unit = span.endsWith('d') ? 24 : span.endsWith('m') ? 1 / 60 : 1;
  const hours = Number.parseFloat(span) * unit;
  const to = answer.dataUpdatedAt || Date.now();
  if (answer.data && rows.length === 0)
    return <span className="hw-dim" style={{ fontSize: 12 }}>{t('noData')}</span>;
  return <SparkLine rows={rows} width={width} height={height} from={to - hours * 3600e3} to={to}
    low={low} high={high} label={`${point}, ${span}`} />;
}
