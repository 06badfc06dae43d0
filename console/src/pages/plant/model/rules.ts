import type { PointValue, Trust } from '~/lib/live';
import type { Reading, ValueSource } from '../contract';
import type { Binding, Bound, Item, When } from './scene';

// Flags count as 0 and 1 where a number is wanted.
export const asNumber = (value: PointValue | undefined): number =>
  typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : NaN;

// Values of different types are not met, nor is one that is not known (docs/twin_scene.md).
export function holds(when: When, value: PointValue | undefined): boolean {
  if (value === null || value === undefined) return false;
  if (when.op === 'in') return (when.values ?? []).some((one) => one === value);
  const other = when.value;
  if (other === undefined || typeof other !== typeof value) return false;
  // Flags have no order.
  if (typeof value === 'boolean' && when.op !== '==' && when.op !== '!=') return false;
  switch (when.op) {
    case '==': return value === other;
    case '!=': return value !== other;
    case '<': return value < other;
    case '<=': return value <= other;
    case '>': return value > other;
    case '>=': return value >= other;
  }
}

// 0 at min, 1 at max; NaN where it is not known.
export function fillShare(binding: Binding, value: PointValue | undefined): number {
  const number = asNumber(value);
  const min = binding.min ?? 0;
  const max = binding.max ?? 1;
  if (!Number.isFinite(number) || max === min) return NaN;
  return Math.min(1, Math.max(0, (number - min) / (max - min)));
}

const rank: Record<Trust, number> = {
  good: 0, uncertain: 1, none: 2, stale: 3, bad: 4, offline: 5,
};
export const worse = (a: Trust, b: Trust): Trust => (rank[b] > rank[a] ? b : a);

// Whether it runs (pumps, blowers, mixers), is open (valves, as a share), or neither.
export type Motion =
  | { kind: 'running' | 'stopped' }
  | { kind: 'valve'; open: number } // 0 to 1, NaN: not known
  | { kind: 'none' };

type Moving = Pick<Item, 'kind' | 'bindings'>;

const moves = new Set(['pump', 'mixer', 'clarifier']);

// What tells whether it moves: of a valve its position, of a machine its switch or its pace.
export function motionBinding({ kind, bindings }: Moving): Bound | undefined {
  if (kind === 'valve')
    return bindings.find((one) => one.kind === 'colour')
      ?? bindings.find((one) => /valve|position|open/.test(one.property));
  if (!moves.has(kind)) return undefined;
  return bindings.find((one) => one.kind === 'colour' && one.values && 'true' in one.values)
    ?? bindings.find((one) => one.kind === 'spin');
}

export function motionOf(item: Moving, source: ValueSource): Motion {
  const by = motionBinding(item);
  if (!by) return { kind: 'none' };
  const reading = source.read(by.twin, by.property);
  if (item.kind !== 'valve') {
    if (!known(reading)) return { kind: 'none' };
    return { kind: Math.abs(asNumber(reading?.value)) > 1e-6 ? 'running' : 'stopped' };
  }
  if (!known(reading)) return { kind: 'valve', open: NaN };
  const number = asNumber(reading?.value);
  const unit = by.unit ?? reading?.unit
    ?? item.bindings.find((one) => one.property === by.property && one.unit)?.unit;
  return { kind: 'valve', open: unit === '%' ? number / 100 : Math.min(1, number) };
}

export const known = (reading: Reading | undefined): boolean =>
  reading !== undefined && reading.trust !== 'none' && reading.value !== null
  && reading.value !== undefined;

export const believed = (reading: Reading | undefined): boolean =>
  reading?.trust === 'good' || reading?.trust === 'uncertain';

export const doubtful = (reading: Reading | undefined): boolean => reading?.trust !== 'good';

// Metres a second or turns a minute by a flow or spin binding; NaN for what is not known of now:
// nothing old ever moves.
export const rateOf = (binding: Binding, reading: Reading | undefined): number =>
  believed(reading) ? asNumber(reading?.value) * (binding.factor ?? 1) : NaN;

// How fast something flows along it, m/s; NaN: not known.
export function flowOf(item: Item, source: ValueSource): number {
  const flow = item.bindings.find((one) => one.kind === 'flow');
  return flow ? rateOf(flow, source.read(flow.twin, flow.property)) : NaN;
}

// The worst trust among what the item shows; "good" where it shows nothing.
export function trustOfItem(item: Item, source: ValueSource): Trust {
  let trust: Trust = 'good';
  for (const one of item.bindings)
    if (one.kind !== 'badge')
      trust = worse(trust, source.read(one.twin, one.property)?.trust ?? 'none');
  return trust;
}

export const labelsOf = (item: Item): Bound[] =>
  item.bindings.filter((one) => one.kind === 'label');
