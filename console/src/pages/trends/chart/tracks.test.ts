import { describe, expect, it } from 'vitest';
import { planGrid, roundStep } from './grid';
import { markersOf, concerns } from '../events';
import { areSlices, extent, pushRow, trackOfBuckets, trackOfRows, type Row } from './tracks';
import { panned, zoomed } from './gestures';
import { emptyTrack, type Pen, type PenInfo } from './types';

const plain = { factor: 1, offset: 0 };
const pen: Pen = { point: 'p', aggregation: 'auto', look: 0, limits: [] };
const double: PenInfo = { type: 'double', unit: 'bar' };
const row = (ms: number, value: Row['value'], quality = 'good'): Row =>
  ({ time: new Date(ms).toISOString(), value, quality });

describe('the grid', () => {
  it('has even steps that are hardly wider than wanted', () => {
    for (const wanted of [0.5, 1, 3, 7.3, 999, 61_234, 4e8]) {
      const step = roundStep(wanted);
      expect(step % 2).toBe(0);
      expect(step).toBeGreaterThanOrEqual(wanted * 0.99);
      expect(step).toBeLessThanOrEqual(Math.max(4, wanted * 1.5));
    }
  });

  it('covers the window and is cut at the same places when it is panned', () => {
    const first = planGrid({ from: 1e12, to: 1e12 + 3_600_000 }, 800, 0.25);
    const next = planGrid({ from: 1e12 + 12_345, to: 1e12 + 3_612_345 }, 800, 0.25);
    expect(first.from).toBeLessThanOrEqual(1e12 - 900_000);
    expect(first.to).toBeGreaterThanOrEqual(1e12 + 4_500_000);
    expect(first.to - first.from).toBe(first.slices * first.stepMs);
    expect(next.stepMs).toBe(first.stepMs);
    expect((next.from - first.from) % first.stepMs).toBe(0);
  });
});

describe('slices', () => {
  const grid = planGrid({ from: 1e12, to: 1e12 + 800_000 }, 800, 0);
  const { from, stepMs } = grid;
  const rows = [row(from, 1), row(from + stepMs / 2, 3), row(from + stepMs, 2),
    row(from + 2 * stepMs, 0), row(from + 2.5 * stepMs, 9)];

  it('are told from samples', () => {
    expect(areSlices(rows, grid)).toBe(true);
    expect(areSlices([row(1e12, 1), row(1e12 + 1000, 2)], grid)).toBe(false);
    expect(areSlices([row(from, 3), row(from + stepMs / 2, 1)], grid)).toBe(false);
    expect(areSlices([], grid)).toBe(false);
  });

  it('keep least and greatest of each', () => {
    const track = trackOfRows(rows, grid, pen, double, { factor: 10, offset: 5 }, 0);
    expect(track.kind).toBe('slices');
    expect(track.low).toEqual([15, 25, 5]);
    expect(track.high).toEqual([35, 25, 95]);
    expect(extent(track, grid.from, grid.to, -Infinity)).toEqual([5, 95]);
  });
});

describe('rows', () => {
  const grid = planGrid({ from: 1e12, to: 1e12 + 800_000 }, 800, 0);
  it('are moved by the shift, and bad ones count for no range', () => {
    const track = trackOfRows([row(1e12, 1), row(1e12 + 500, 99, 'bad.x'), row(1e12 + 900, 2)],
      grid, pen, double, plain, 1000);
    expect(track.kind).toBe('samples');
    expect(track.times[0]).toBe(1e12 + 1000);
    expect(extent(track, 0, 2e12, -Infinity)).toEqual([1, 2]);
  });

  it('of texts and bools are states', () => {
    const track = trackOfRows([row(1e12, 'wash'), row(1e12 + 1, 'rest')], grid, pen,
      { type: 'string', unit: null }, plain, 0);
    expect(track).toMatchObject({ kind: 'states', texts: ['wash', 'rest'], quality: [0, 0] });
  });

  it('that come live are appended in order only', () => {
    const track = emptyTrack();
    expect(pushRow(track, 10, 1, 'good', plain)).toBe(true);
    expect(pushRow(track, 10, 2, 'good', plain)).toBe(false);
    expect(pushRow(track, 9, 2, 'good', plain)).toBe(false);
    expect(pushRow(track, 11, null, 'good', plain)).toBe(true);
    expect(track.quality).toEqual([0, 2]);
  });

  it('of buckets leave empty ones out, and a deviation has no offset', () => {
    const rows = [{ time: '2026-01-01T00:00:00Z', stddev: 2, mean: 10 },
      { time: '2026-01-01T00:01:00Z', stddev: null, mean: null }];
    const fahrenheit = { factor: 1.8, offset: 32 };
    expect(trackOfBuckets(rows, 'mean', 60_000, fahrenheit, 0).high).toEqual([50]);
    expect(trackOfBuckets(rows, 'stddev', 60_000, fahrenheit, 0).high).toEqual([3.6]);
  });
});

describe('moving the window', () => {
  it('zooms around what is under the pointer', () => {
    const next = zoomed({ from: 0, to: 100_000 }, 0.5, 0.25);
    expect(next).toEqual({ from: 12_500, to: 62_500 });
    expect(zoomed({ from: 0, to: 30 }, 0.01, 0).to).toBe(20);
  });
  it('pans by a share', () => {
    expect(panned({ from: 0, to: 10 }, -0.5)).toEqual({ from: -5, to: 5 });
  });
});

describe('events of pens', () => {
  it('concern the point, its equipment and that of it', () => {
    const points = ['w/high/pump1/flow'];
    expect(['w/high/pump1/flow', 'w/high/pump1', 'w/high'].every((one) => concerns(one, points)))
      .toBe(true);
    expect(['w', 'w/high/pump', 'w/high/pump2'].some((one) => concerns(one, points))).toBe(false);
  });
  it('are told once where both audit and twin tell them', () => {
    const time = '2026-01-01T00:00:00Z';
    const marks = markersOf(
      [{ time, twin: 'a/b', kind: 'twin.update', path: null, actor: 'me', before: 1, after: 2,
        result: 'ok', detail: null }],
      [{ time, actor: 'me', action: 'twin.update', target: 'a/b', old: 1, new: 2, result: 'ok',
        detail: '' }], ['a/b/c']);
    expect(marks).toHaveLength(1);
    expect(marks[0]).toMatchObject({ kind: 'twin', failed: false });
  });
});
