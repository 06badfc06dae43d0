import type { ReactNode } from 'react';
import type { Trust } from '~/lib/live';
import { formatNumber } from '~/lib/units';
import styles from './ui.module.css';
import { words } from './words';

// The analogue bar of a calm screen: the range as a line, the normal band in it, a pointer at the
// value. Outside the band the pointer takes the colour and the shape of its state.
export function Bar({ value, min, max, low, high, trust = 'good', width = 120, height = 14 }: {
  value: number | undefined; min: number; max: number; low?: number; high?: number;
  trust?: Trust; width?: number; height?: number;
}): ReactNode {
  const t = words.use();
  const x = (v: number) => 4 + ((Math.min(max, Math.max(min, v)) - min) / (max - min || 1))
    * (width - 8);
  const known = value !== undefined && Number.isFinite(value) && trust !== 'none';
  const outside = known
    && ((low !== undefined && value < low) || (high !== undefined && value > high));
  const band = low !== undefined || high !== undefined;
  const label = `${known ? formatNumber(value) : t('none')}` + (band
    ? `, ${t('limits', { low: formatNumber(low ?? min), high: formatNumber(high ?? max) })}` : '');
  const middle = height / 2;
  return (
    <svg className={styles.bar} width={width} height={height} role="img" aria-label={label}>
      <rect x="4" y={middle - 3} width={width - 8} height="6" rx="2" fill="none"
        stroke="var(--hw-line-strong)" />
      {band && <rect x={x(low ?? min)} y={middle - 3}
        width={Math.max(1, x(high ?? max) - x(low ?? min))} height="6" fill="var(--hw-bar-band)"
        stroke="var(--hw-line-strong)" />}
      {known && (outside
        ? <path d={`M${x(value)} ${middle + 3}l-5 -9h10z`} fill="var(--hw-alarm)" />
        : <path d={`M${x(value)} 1v${height - 2}`} strokeWidth="3"
          stroke={trust === 'good' ? 'var(--hw-text)' : 'var(--hw-dim)'}
          strokeDasharray={trust === 'good' ? undefined : '2 2'} />)}
    </svg>
  );
}
