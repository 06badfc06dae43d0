import { describe, expect, it } from 'vitest';
import { allocateAxes, axisRange } from './axes';
import type { Pen } from './types';

const pen = (unit: string, more: Partial<Pen> = {}, state = false) =>
  ({ unit, state,
    pen: { point: 'p', aggregation: 'auto' as const, look: 0, limits: [], ...more } });

describe('axes of pens', () => {
  it('are shared by pens of one unit, left and right in turn', () => {
    const axes = allocateAxes([pen('bar'), pen('L/s'), pen('bar'), pen('m')]);
    expect(axes.map(({ unit, side, pens }) => [unit, side, pens])).toEqual([
      ['bar', 'left', [0, 2]], ['L/s', 'right', [1]], ['m', 'left', [3]]]);
  });

  it('are apart for a log scale, a wished side and an own axis', () => {
    const axes = allocateAxes([pen('bar'), pen('bar', { scale: 'log' }), pen('bar', { own: true }),
      pen('bar', { side: 'right' }), pen('bar', { own: true })]);
    expect(axes.map(({ pens }) => pens)).toEqual([[0], [1], [2], [3], [4]]);
    expect(axes[3]?.side).toBe('right');
  });

  it('need no place for hidden pens and states', () => {
    expect(allocateAxes([pen('bar', { hidden: true }), pen('', {}, true)])).toEqual([]);
  });

  it('take the widest of fixed ranges', () => {
    const [axis] = allocateAxes([pen('m', { low: 0, high: 4 }), pen('m', { low: -1 })]);
    expect(axis).toMatchObject({ low: -1, high: 4 });
  });
});

describe('the range of an axis', () => {
  it('has air around the values', () => {
    const [low, high] = axisRange({ log: false }, 10, 20);
    expect(low).toBeLessThan(10);
    expect(high).toBeGreaterThan(20);
  });

  it('is never empty', () => {
    for (const [least, most] of [[5, 5], [0, 0], [Infinity, -Infinity]] as const) {
      const [low, high] = axisRange({ log: false }, least, most);
      expect(high).toBeGreaterThan(low);
      expect(Number.isFinite(high - low)).toBe(true);
    }
    expect(axisRange({ log: false, low: 3, high: 3 }, 1, 2)).toEqual([3, 4]);
  });

  it('keeps what is fixed', () => {
    expect(axisRange({ log: false, low: 0, high: 100 }, 40, 60)).toEqual([0, 100]);
  });

  it('stands on whole powers of ten on a log scale, above zero', () => {
    expect(axisRange({ log: true }, 0.03, 40)).toEqual([0.01, 100]);
    expect(axisRange({ log: true }, Infinity, -Infinity)[0]).toBeGreaterThan(0);
  });
});
