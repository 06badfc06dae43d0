import { useElementSize } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';
import { formatTime, useZone } from '~/lib/time';
import { convert, formatNumber, useUnits } from '~/lib/units';
import { valueText } from '~/ui';
import styles from './twin.module.css';
import { columnAt, linePath, ticksOf } from './chartMath';

export interface Line {
  name: string;
  values: (number | null)[];
  dashed?: boolean;
}

const left = 56;
const bottom = 20;

// A chart of a few lines over equal steps: axis, time, the values under the pointer. Lines are told
// apart by dashes and names, not by colour alone.
export function Chart({ lines, start, step, unit, height = 150, label }: {
  lines: Line[]; start: number; step: number; unit: string; height?: number; label: string;
}): ReactNode {
  const zone = useZone();
  const set = useUnits();
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [at, setAt] = useState<number | null>(null);
  const rows = Math.max(...lines.map((line) => line.values.length), 0);
  const ticks = ticksOf(lines.flatMap((line) => line.values));
  const wide = Math.max(100, width);
  const low = ticks[0] ?? 0;
  const high = ticks[ticks.length - 1] ?? 1;
  const x = (row: number) => left + (row / Math.max(1, rows - 1)) * (wide - left - 8);
  const y = (value: number) =>
    6 + (1 - (value - low) / (high - low || 1)) * (height - bottom - 10);
  const times = [0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * (rows - 1)));
  const move = (client: number, box: DOMRect) =>
    setAt(columnAt(client - box.left, left, wide - 8, rows));
  return (
    <div ref={ref}>
      <svg className={styles.chart} width={wide} height={height} role="img" aria-label={label}
        tabIndex={0} onPointerMove={(event) =>
          move(event.clientX, event.currentTarget.getBoundingClientRect())}
        onPointerLeave={() => setAt(null)} onKeyDown={(event) => {
          const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
          if (!by) return;
          event.preventDefault();
          setAt((old) => Math.min(rows - 1, Math.max(0, (old ?? 0) + by)));
        }}>
        {ticks.map((value) => (
          <g key={value}>
            <line x1={left} x2={wide - 8} y1={y(value)} y2={y(value)} stroke="var(--hw-line)" />
            <text x={left - 6} y={y(value) + 4} textAnchor="end" fontSize="11"
              fill="var(--hw-dim)">{formatNumber(convert(value, unit, set).value)}</text>
          </g>))}
        {times.map((row, index) => (
          <text key={index} x={x(row)} y={height - 4} fontSize="11" fill="var(--hw-dim)"
            textAnchor={index === 0 ? 'start' : index === 4 ? 'end' : 'middle'}>
            {formatTime(start + row * step, 'minute', zone)}</text>))}
        {lines.map((line) => (
          <path key={line.name} d={linePath(line.values, x, y)} fill="none" strokeWidth="1.6"
            strokeLinejoin="round" strokeDasharray={line.dashed ? '5 4' : undefined}
            stroke={line.dashed ? 'var(--hw-dim)' : 'var(--hw-accent)'} />))}
        {at !== null && <line x1={x(at)} x2={x(at)} y1="4" y2={height - bottom}
          stroke="var(--hw-line-strong)" />}
      </svg>
      <div className={styles.legend}>
        {lines.map((line) => (
          <span key={line.name}>
            <svg width="22" height="8" aria-hidden="true">
              <line x1="0" x2="22" y1="4" y2="4" strokeWidth="2"
                strokeDasharray={line.dashed ? '5 4' : undefined}
                stroke={line.dashed ? 'var(--hw-dim)' : 'var(--hw-accent)'} />
            </svg>
            {line.name}{' '}
            {at !== null && <strong className="hw-num">
              {valueText(line.values[at] ?? null, unit, set)}</strong>}
          </span>))}
        {at !== null && <span className="hw-dim hw-num">
          {formatTime(start + at * step, 'full', zone)}</span>}
      </div>
    </div>
  );
}
