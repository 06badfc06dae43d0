import type { PointValue } from '~/lib/live';
import type { Reading, ValueSource } from '../contract';
import { believed } from '../model/rules';
import { keyOf } from '../model/scene';

// A series of a scenario's result: a value each step from its start.
export interface Series {
  twin: string;
  path: string;
  unit: string;
  values: (number | null)[];
}

// The plant at a step of a scenario's result. What the model does not compute has no value here:
// nothing of now is shown as if it were foreseen.
export class ResultSource implements ValueSource {
  private series: Map<string, Series>;
  private listeners = new Set<() => void>();
  private step = 0;

  // `like` tells what a value is now, so that flags come as flags: results are numbers.
  constructor(series: Series[], private like: (twin: string, path: string) => PointValue) {
    this.series = new Map(series.map((one) => [keyOf(one.twin, one.path), one]));
  }

  moveTo(step: number): void {
    if (step === this.step) return;
    this.step = step;
    for (const listener of this.listeners) listener();
  }

  read = (twin: string, property: string): Reading | undefined => {
    const series = this.series.get(keyOf(twin, property));
    const value = series?.values[this.step];
    if (!series || value === undefined || value === null) return { value: null, trust: 'none' };
    const flag = typeof this.like(twin, property) === 'boolean';
    return {
      value: flag ? value !== 0 : value, trust: 'good', quality: 'good',
      ...(series.unit ? { unit: series.unit } : {}),
    };
  };

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

// One side with how it differs from the other; what is a hair is no difference.
export class Compared implements ValueSource {
  readonly compares = true;

  constructor(private mine: ValueSource, private base: ValueSource) {}

  read = (twin: string, property: string): Reading | undefined => {
    const reading = this.mine.read(twin, property);
    const other = this.base.read(twin, property);
    if (typeof reading?.value !== 'number' || typeof other?.value !== 'number'
      || !believed(reading) || !believed(other)) return reading;
    const change = reading.value - other.value;
    const size = Math.max(Math.abs(reading.value), Math.abs(other.value));
    return Math.abs(change) > 1e-3 * size ? { ...reading, change } : reading;
  };

  subscribe = (listener: () => void): (() => void) => {
    const ends = [this.mine.subscribe(listener), this.base.subscribe(listener)];
    return () => ends.forEach((end) => end());
  };
}

export interface Difference {
  twin: string;
  path: string;
  unit: string;
  before: number;
  after: number;
  share: number; // of the range that both run through
}

// What differs at a step, the greatest first. Less than a thousandth of its range is none.
export function differencesAt(mine: Series[], base: Series[], step: number): Difference[] {
  const bases = new Map(base.map((one) => [keyOf(one.twin, one.path), one.values]));
  return mine.flatMap((one): Difference[] => {
    const other = bases.get(keyOf(one.twin, one.path));
    const before = other?.[step];
    const after = one.values[step];
    if (typeof before !== 'number' || typeof after !== 'number' || !other) return [];
    let least = Infinity;
    let most = -Infinity;
    for (const value of [...one.values, ...other])
      if (value !== null) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
    const share = most > least ? Math.abs(after - before) / (most - least) : 0;
    return share > 1e-3 ? [{ twin: one.twin, path: one.path, unit: one.unit, before, after, share }]
      : [];
  }).sort((a, b) => b.share - a.share);
}
