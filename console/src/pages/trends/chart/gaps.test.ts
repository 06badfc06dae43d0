import { describe, expect, it } from 'vitest';
import { doubtOf, gapOf, joined, rowAt, rowNear } from './gaps';
import { bad, emptyTrack, uncertain, type Track } from './types';

const track = (times: number[], more: Partial<Track> = {}): Track => ({
  ...emptyTrack(), times, low: times, high: times, quality: times.map(() => 0), ...more });

describe('gaps', () => {
  it('are known by the rhythm of the rows', () => {
    const times = [0, 10, 20, 30, 40, 200, 210, 220, 230, 240, 250];
    const gapMs = gapOf(times, 0);
    expect(gapMs).toBeGreaterThanOrEqual(20);
    expect(gapMs).toBeLessThan(160);
    const own = track(times, { gapMs });
    expect(joined(own, 4)).toBe(true);
    expect(joined(own, 5)).toBe(false);
  });

  it('are not where a point comes on change, now and then', () => {
    const times = [0, 100, 1000, 1050, 4000, 4100, 7000, 9000];
    const own = track(times, { gapMs: gapOf(times, 0) });
    expect(times.slice(1).every((_, i) => joined(own, i + 1))).toBe(true);
  });

  it('of slices are two empty ones in a row', () => {
    const times = Array.from({ length: 30 }, (_, i) => i * 10).filter((t) => t !== 100);
    const one = track(times, { gapMs: gapOf(times, 10) });
    expect(times.slice(1).every((_, i) => joined(one, i + 1))).toBe(true);
    const two = times.filter((t) => t !== 110 && t !== 120);
    const own = track(two, { gapMs: gapOf(two, 10) });
    expect(joined(own, two.indexOf(130))).toBe(false);
  });

  it('are beside bad rows', () => {
    const own = track([0, 1, 2], { quality: [0, bad, 0] });
    expect(joined(own, 1)).toBe(false);
    expect(joined(own, 2)).toBe(false);
  });
});

describe('doubt', () => {
  it('joins neighbours of one quality and keeps what slices were told', () => {
    const own = track([0, 10, 20, 30, 40], {
      quality: [0, bad, bad, uncertain, 0], gapMs: 15, doubt: [{ from: 60, to: 70, quality: bad }],
    });
    expect(doubtOf(own, { from: 0, to: 100 })).toEqual([
      { from: 60, to: 70, quality: bad }, { from: 10, to: 30, quality: bad },
      { from: 30, to: 40, quality: uncertain }]);
    expect(doubtOf(own, { from: 80, to: 100 })).toEqual([]);
  });
});

describe('the row at the cursor', () => {
  const own = track([10, 20, 30, 100], { gapMs: 15 });
  it('is the last at or before', () => {
    expect([5, 10, 19, 30, 500].map((time) => rowAt(own.times, time))).toEqual([-1, 0, 0, 2, 3]);
  });
  it('is the nearest of a line, none in a gap', () => {
    expect([12, 17, 60].map((time) => rowNear(own, time, false))).toEqual([0, 1, -1]);
  });
  it('is the held one of a step', () => {
    expect([9, 19, 60, 110, 200].map((time) => rowNear(own, time, true)))
      .toEqual([-1, 0, 2, 3, -1]);
  });
});
