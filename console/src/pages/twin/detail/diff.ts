import type { UnitSet } from '~/lib/prefs';
import { convert, formatNumber } from '~/lib/units';
import type { TwinValue } from '../data';

// What differs of a twin's values between two times.
export type DiffKind = 'same' | 'changed' | 'added' | 'removed';

export interface DiffRow {
  path: string;
  before?: TwinValue;
  after?: TwinValue;
  kind: DiffKind;
  delta?: number; // of numbers: after less before
}

const known = (value: TwinValue | undefined): boolean =>
  Boolean(value && value.value !== null && value.value !== undefined);

const usable = (value: TwinValue | undefined): boolean =>
  Boolean(value && !value.quality.startsWith('bad'));

export function diffRow(path: string, before: TwinValue | undefined,
  after: TwinValue | undefined): DiffRow {
  const row: DiffRow = { path, before, after, kind: 'same' };
  if (known(before) !== known(after)) row.kind = known(after) ? 'added' : 'removed';
  else if (known(before)
    && (JSON.stringify(before?.value) !== JSON.stringify(after?.value)
      || usable(before) !== usable(after)))
    row.kind = 'changed';
  // Nothing is reckoned with what may not be believed.
  if (row.kind === 'changed' && usable(before) && usable(after)
    && typeof before?.value === 'number' && typeof after?.value === 'number')
    row.delta = after.value - before.value;
  return row;
}

export const diffOf = (before: Record<string, TwinValue>,
  after: Record<string, TwinValue>): DiffRow[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].map((path) =>
    diffRow(path, before[path], after[path]));

// Shape beside colour: each kind has its sign.
export const diffSigns: Record<DiffKind, string> = {
  same: ' ', changed: '≠', added: '+', removed: '−',
};

// After less before in the person's units, which may have an offset.
export function shownDelta(before: number, after: number, unit: string | undefined,
  set: UnitSet): number {
  return convert(after, unit, set).value - convert(before, unit, set).value;
}

// Three figures that matter, signed.
export function deltaText(delta: number): string {
  const digits = Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(delta) || 1))));
  return `${delta > 0 ? '+' : ''}${formatNumber(delta, digits)}`;
}

// The times a slider may stop at: from `from` to `to` in steps, and every change of the
// description.
export function stopsOf(from: number, to: number, versions: number[],
  steps = 240): number[] {
  const all = Array.from({ length: steps + 1 },
    (_, i) => from + ((to - from) * i) / steps);
  return [...new Set([...all, ...versions.filter((one) => one >= from && one <= to)])]
    .sort((a, b) => a - b);
}
