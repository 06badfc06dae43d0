import type { PointValue } from '~/lib/live';
import { formatTime, zoneOf } from '~/lib/time';
import type { UnitSet } from '~/lib/prefs';
import { convert, formatNumber } from '~/lib/units';
import type { Reading } from '../contract';

// What a value makes of a node's look (docs/twin_scene.md, "Bindings"); nothing here draws.
export type Scalar = number | string | boolean;
export interface When { op: string; value?: Scalar; values?: Scalar[] }

export interface Binding {
  kind: string;
  twin: string; // its own, the node's, or the nearest parent's
  property: string;
  part?: string;
  stops?: [number, string][];
  smooth?: boolean;
  values?: Record<string, string>;
  stale?: string;
  bad?: string;
  min?: number;
  max?: number;
  factor?: number;
  format?: string;
  unit?: string;
  when?: When;
}

export interface Quality { stale: string; bad: string; uncertain?: string }

// 0xrrggbb; -1: no colour.
export const parseColour = (text: string): number =>
  /^#[0-9a-f]{6}$/i.test(text) ? parseInt(text.slice(1), 16) : -1;

export const asNumber = (value: PointValue | undefined): number =>
  typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : NaN;

const between = (a: number, b: number, share: number): number => Math.round(a + (b - a) * share);

export function mixColours(a: number, b: number, share: number): number {
  return (between(a >> 16, b >> 16, share) << 16)
    | (between((a >> 8) & 255, (b >> 8) & 255, share) << 8)
    | between(a & 255, b & 255, share);
}

// A stop holds from its value up to the next one's; below the first the first holds. With `smooth`
// two neighbours are mixed in sRGB.
export function colourAt(
  stops: readonly [number, string][], smooth: boolean, value: number,
): number {
  for (let i = 0; i < stops.length; i += 1) {
    const [at, colour] = stops[i] as [number, string];
    if (value >= at) continue;
    const before = stops[i - 1];
    if (!before) return parseColour(colour);
    const low = parseColour(before[1]);
    return smooth
      ? mixColours(low, parseColour(colour), (value - before[0]) / (at - before[0])) : low;
  }
  const last = stops[stops.length - 1];
  return last ? parseColour(last[1]) : -1;
}

const qualityColour = (given: string | undefined, scene: string | undefined): number =>
  parseColour(given ?? scene ?? '');

// -1: changes nothing.
export function colourFor(
  binding: Binding, reading: Reading | undefined, quality: Quality,
): number {
  const trust = reading?.trust ?? 'none';
  if (!reading || reading.value === null || trust === 'none' || trust === 'bad')
    return qualityColour(binding.bad, quality.bad);
  if (trust === 'stale' || trust === 'offline') return qualityColour(binding.stale, quality.stale);
  if (trust === 'uncertain' && quality.uncertain) return parseColour(quality.uncertain);
  const named = binding.values?.[String(reading.value)];
  if (named) return parseColour(named);
  const number = asNumber(reading.value);
  if (Number.isNaN(number) || !binding.stops) return -1;
  return colourAt(binding.stops, binding.smooth === true, number);
}

// Values of different types are not met, nor is one that is not known.
export function holds(when: When | undefined, value: PointValue | undefined): boolean {
  if (!when || value === null || value === undefined) return false;
  if (when.op === 'in') return (when.values ?? []).some((one) => one === value);
  const other = when.value;
  if (other === undefined) return false;
  if (when.op === '==') return value === other;
  if (when.op === '!=') return value !== other;
  if (typeof value !== typeof other || typeof value === 'boolean') return false;
  if (when.op === '<') return value < other;
  if (when.op === '<=') return value <= other;
  if (when.op === '>') return value > other;
  return when.op === '>=' && value >= other;
}

// 0 at min, 1 at max; NaN where it is not known.
export function fillOf(binding: Binding, value: PointValue | undefined): number {
  const number = asNumber(value);
  const min = binding.min ?? 0;
  const max = binding.max ?? 1;
  if (!Number.isFinite(number) || max === min) return NaN;
  return Math.min(1, Math.max(0, (number - min) / (max - min)));
}

const trusted = (reading: Reading | undefined): boolean =>
  reading?.trust === 'good' || reading?.trust === 'uncertain';

// Metres a second or turns a minute; 0 for what is not known of now: nothing old ever moves.
export function rateOf(binding: Binding, reading: Reading | undefined): number {
  const number = trusted(reading) ? asNumber(reading?.value) : NaN;
  return Number.isFinite(number) ? number * (binding.factor ?? 1) : 0;
}

// How fast a rotor is drawn: true up to 40 turns a minute, then slower than it is, so that the eye
// can follow; never above 90.
export function shownTurns(rpm: number): number {
  const fast = Math.abs(rpm);
  const shown = fast <= 40 ? fast : 40 + 50 * (1 - Math.exp(-(fast - 40) / 600));
  return Math.sign(rpm) * shown;
}

export interface FormatContext {
  name: string;
  set: UnitSet;
  zone: string;
  word: (value: boolean) => string;
}

// {value}, {value:.2f}, {unit}, {name}, {quality}, {time} and {twin}, in the person's units.
export function labelText(
  binding: Binding, reading: Reading | undefined, context: FormatContext,
): string {
  const stored = binding.unit ?? reading?.unit;
  const value = reading && reading.trust !== 'none' ? reading.value : null;
  const shown = typeof value === 'number' ? convert(value, stored, context.set) : undefined;
  const part = (what: string, digits: string | undefined): string => {
    if (what === 'unit') return shown?.unit ?? convert(0, stored, context.set).unit;
    if (what === 'name') return context.name;
    if (what === 'twin') return binding.twin;
    if (what === 'quality')
      return reading?.trust === 'stale' ? 'stale' : reading?.quality ?? reading?.trust ?? '–';
    if (what === 'time')
      return reading?.ageMs === undefined ? '–'
        : formatTime(Date.now() - reading.ageMs, 'clock', zoneOf(context.zone));
    if (value === null) return '–';
    if (shown) return formatNumber(shown.value, digits === undefined ? undefined : Number(digits));
    return typeof value === 'boolean' ? context.word(value) : String(value);
  };
  return (binding.format ?? (stored ? '{value} {unit}' : '{value}'))
    .replace(/\{(value|unit|name|twin|quality|time)(?::\.(\d)f)?\}/g,
      (_, what: string, digits?: string) => part(what, digits))
    .replace(/ {2,}/g, ' ')
    .trim();
}
