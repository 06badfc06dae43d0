import { convert, formatNumber, unitText, type UnitSet } from '~/lib/units';
import type { Reading } from '../contract';

// The format of a label or badge: {value}, {value:.2f}, {unit}, {name}, {quality}, {time}. What is
// not known stays as it is written. Values are converted to the person's units first.
export function fillFormat(
  format: string | undefined,
  reading: Reading | undefined,
  more: {
    unit?: string; name?: string; time?: string; set: UnitSet;
    word?: (value: Reading['value']) => string;
  },
): string {
  const stored = more.unit ?? reading?.unit;
  const value = reading?.trust === 'none' ? null : reading?.value ?? null;
  const shown = typeof value === 'number' ? convert(value, stored, more.set) : undefined;
  const unit = shown ? shown.unit : unitText(stored, more.set);
  return (format ?? '{value} {unit}')
    .replace(/\{(value|unit|name|quality|time)(?::\.(\d+)f)?\}/g, (_, what: string,
      digits?: string) => {
      if (what === 'unit') return unit;
      if (what === 'name') return more.name ?? '';
      if (what === 'time') return more.time ?? '';
      if (what === 'quality') return reading?.trust === 'stale' ? 'stale' : reading?.quality ?? '';
      if (value === null) return '–';
      if (shown)
        return formatNumber(shown.value, digits === undefined ? undefined : Number(digits));
      return more.word ? more.word(value) : String(value);
    })
    .replace(/ +/g, ' ')
    .trim();
}
