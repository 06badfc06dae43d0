import { describe, expect, it } from 'vitest';
import { FrameReader } from './liveSource';

describe('frames', () => {
  it('name points once and speak by index then', () => {
    const reader = new FrameReader();
    const first = reader.read({ t: 1000, reset: true, n: 0, p: ['a', 'b'], i: [0, 1], v: [1, 'x'],
      d: [-500, 0], q: { 1: 'bad.sensor_failure' } });
    expect(first).toEqual({ snapshot: true, values: [
      { path: 'a', value: 1, quality: 'good', time: 500 },
      { path: 'b', value: 'x', quality: 'bad.sensor_failure', time: 1000 }] });
    const second = reader.read({ t: 2000, n: 2, p: ['c'], i: [2, 0], v: [true, null], d: [0, -1] });
    expect(second.values).toEqual([
      { path: 'c', value: true, quality: 'good', time: 2000 },
      { path: 'a', value: null, quality: 'good', time: 1999 }]);
    expect(second.snapshot).toBe(false);
  });
  it('may be of the time alone', () =>
    expect(new FrameReader().read({ t: 5 }).values).toEqual([]));
  it('forget what was before a reset', () => {
    const reader = new FrameReader();
    reader.read({ t: 1, reset: true, n: 0, p: ['a'], i: [0], v: [1], d: [0] });
    reader.read({ t: 2, reset: true, n: 0, p: ['b'], i: [0], v: [2], d: [0] });
    expect(reader.read({ t: 3, i: [0, 7], v: [3, 4], d: [0, 0] }).values).toEqual([
      { path: 'b', value: 3, quality: 'good', time: 3 }]);
  });
});
