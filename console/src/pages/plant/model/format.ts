import { formatTime, zoneOf } from '~/lib/time';
import { convert, formatNumber, unitText, type UnitSet } from '~/lib/units';
import type { Reading } from '../contract';

export interface FormatContext {
  set: UnitSet;
  unit?: string; // the binding's; else the reading's own
  name?: string;
  twin?: string;
  zone?: string;
  word?: (value: Reading['value']) => string; // of flags and texts
}

// The format of a label or badge: {value}, {value:.2f}, {unit}, {name}, {twin}, {quality}, {time}.
// What is not known stays as it is written. Values are converted to the person's units first.
export function fillFormat(
  format: string | undefined, reading: Reading | undefined, context: FormatContext,
): string {
  const stored = context.unit ?? reading?.unit;
  const value = reading?.trust === 'none' ? null : reading?.value ?? null;
  const shown = typeof value === 'number' ? convert(value, stored, context.set) : undefined;
  const part = (what: string, digits: string | undefined): string => {
    switch (what) {
      case 'unit': return shown ? shown.unit : unitText(stored, context.set);
      case 'name': return context.name ?? '';
      case 'twin': return context.twin ?? '';
      case 'time': return reading?.ageMs === undefined ? '–'
        : formatTime(Date.now() - reading.ageMs, 'clock', zoneOf(context.zone ?? 'browser'));
      case 'quality':
        return reading?.trust === 'stale' ? 'stale' : reading?.quality ?? reading?.trust ?? '–';
      default:
    }
    if (value === null) return '–';
    if (shown) return formatNumber(shown.value, digits === undefined ? undefined : Number(digits));
    return context.word ? context.word(value) : String(value);
  };
  return (format ?? '{value} {unit}')
    .replace(/\{(value|unit|name|twin|quality|time)(?::\.(\d+)f)?\}/g,
      (_, what: string, digits?: string) => part(what, digits))
    .replace(/ +/g, ' ')
    .trim();
}

// How many digits behind the point a format asks for.
export function digitsOf(format: string | undefined): number | undefined {
  const digits = /\{value:\.(\d+)f\}/.exec(format ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

// How a value differs from what it is compared with: "+0.31", in the person's units, as fine as the
// value itself is written. Empty where it does not.
export function changeText(reading: Reading | undefined, format: string | undefined,
  unit: string | undefined, set: UnitSet): string {
  const { change, value } = reading ?? {};
  if (change === undefined || typeof value !== 'number') return '';
  const stored = unit ?? reading?.unit;
  const shown = convert(value, stored, set).value - convert(value - change, stored, set).value;
  const text = formatNumber(Math.abs(shown), digitsOf(format));
  return /[1-9]/.test(text) ? `${shown < 0 ? '−' : '+'}${text}` : '';
}
