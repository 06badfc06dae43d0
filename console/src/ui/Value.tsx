import { type ReactNode } from 'react';
import { useLive, type LiveValue, type PointValue, type Trust } from '~/lib/live';
import { formatDuration } from '~/lib/time';
import { convert, formatNumber, useUnits } from '~/lib/units';
import styles from './ui.module.css';
import { words } from './words';

interface ShownProps {
  value: PointValue | undefined;
  unit?: string | null;
  trust: Trust;
  quality?: string;
  ageMs?: number;
  digits?: number;
  hideUnit?: boolean;
}

// A value as the console writes it: number, unit, and, where it may not be believed, hatching, a
// mark and a word. For values that are not live too (history, twins).
export function ShownValue(props: ShownProps): ReactNode {
  const { value, unit, trust, quality, ageMs, digits, hideUnit } = props;
  const t = words.use();
  const set = useUnits();
  if (value === undefined || value === null || trust === 'none')
    return <span className={`${styles.value} ${styles.none}`} title={quality}>{t('none')}</span>;
  let text: string;
  let shownUnit = '';
  if (typeof value === 'number') {
    const shown = convert(value, unit, set);
    text = formatNumber(shown.value, digits);
    shownUnit = shown.unit;
  } else if (typeof value === 'boolean') text = value ? t('on') : t('off');
  else text = value;
  const doubtful = trust !== 'good';
  const why = doubtful
    ? `${t(trust)}${quality && quality !== 'good' ? ` (${quality})` : ''}` +
      (ageMs !== undefined ? `, ${t('ago', { time: formatDuration(ageMs) })}` : '')
    : undefined;
  return (
    <span
      className={`${styles.value} ${styles[trust] ?? ''} ` +
        (doubtful ? `${styles.untrusted} hw-hatched` : '')}
      title={why}
    >
      <span>{text}</span>
      {!hideUnit && shownUnit && <span className={styles.unit}>{shownUnit}</span>}
      {doubtful && <span className={styles.mark}>{t(trust)}</span>}
    </span>
  );
}

// The live value of a point.
export function Value({ point, unit, digits, hideUnit }: {
  point: string | undefined; unit?: string | null; digits?: number; hideUnit?: boolean;
}): ReactNode {
  const { value, trust } = useLive(point);
  return (
    <ShownValue
      value={value?.value} quality={value?.quality} trust={trust} unit={unit} digits={digits}
      hideUnit={hideUnit} ageMs={ageOf(value)}
    />
  );
}

export const ageOf = (value: LiveValue | undefined): number | undefined =>
  value ? performance.now() - value.arrived : undefined;

// The text alone, for canvases and titles.
export function valueText(value: PointValue | undefined, unit: string | null | undefined,
  set: 'si' | 'us', digits?: number): string {
  if (value === undefined || value === null) return '–';
  if (typeof value === 'number') {
    const shown = convert(value, unit, set);
    return `${formatNumber(shown.value, digits)}${shown.unit ? ` ${shown.unit}` : ''}`;
  }
  return typeof value === 'boolean' ? words.now(value ? 'on' : 'off') : value;
}

export const trustOf = (quality: string | undefined): Trust =>
  quality === undefined ? 'none'
    : quality.startsWith('bad') ? 'bad' : quality.startsWith('uncertain') ? 'uncertain' : 'good';

