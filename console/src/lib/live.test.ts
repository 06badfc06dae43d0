import { describe, expect, it, vi } from 'vitest';
import { live, ServerClock, type LiveValue } from './live';
import { FrameReader } from './liveSource';

describe('frames', () => {
  it('name points once and speak by index then', () => {
    const reader = new FrameReader();
    const first = reader.read({ t: 1000, reset: true, n: 0, p: ['a', 'b'], i: [0, 1], v: [1, 'x'],
      d: [-500, 0], q: { 1: 'bad.sensor_failure' } });
    expect(first).toEqual({ snapshot: true, serverTime: 1000, values: [
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
  it('of a first picture may come in parts', () => {
    const reader = new FrameReader();
    const first = reader.read({ t: 1, reset: true, n: 0, p: ['a'], i: [0], v: [1], d: [0], u: [500],
      more: true });
    const second = reader.read({ t: 2, n: 1, p: ['b'], i: [1], v: [2], d: [0], u: [0] });
    const third = reader.read({ t: 3, i: [1], v: [3], d: [0], more: true });
    expect([first, second, third].map((batch) => batch.snapshot)).toEqual([true, true, false]);
    expect([first, second, third].map((batch) => batch.values[0]?.usualMs))
      .toEqual([500, 0, undefined]);
  });
});

describe('trust', () => {
  const value = (change: Partial<LiveValue>): LiveValue =>
    ({ value: 1, quality: 'good', time: 0, arrived: 0, usualMs: 1000, ...change });
  it('ends when a value is late for its point', () => {
    expect(live.trust(value({}), 14_000)).toBe('good');
    expect(live.trust(value({}), 16_000)).toBe('stale');
    expect(live.trust(value({ usualMs: 60_000 }), 599_000)).toBe('good');
    expect(live.trust(value({ usualMs: 60_000 }), 601_000)).toBe('stale');
  });
  it('ends after an hour where there was one value ever', () => {
    expect(live.trust(value({ usualMs: 0 }), 3_500_000)).toBe('good');
    expect(live.trust(value({ usualMs: 0 }), 3_700_000)).toBe('stale');
  });
  it('does not end by silence where a point comes when it changes', () => {
    expect(live.trust(value({ usualMs: -1 }), 1e9)).toBe('good');
    expect(live.trust(value({ usualMs: -1, quality: 'bad.not_connected' }), 1e9)).toBe('bad');
  });
});

describe('the server clock', () => {
  it('follows our own clock at once when that is set', () => {
    const clock = new ServerClock();
    clock.hear(1_000_000, 1_000_000, 5_000);
    expect(clock.hear(1_001_000, 1_601_000, 6_000)).toBe(0);
    expect(clock.offset).toBe(-600_000);
  });

  it('tells what comes late from a clock that is wrong', () => {
    const clock = new ServerClock();
    expect(clock.hear(10_000, 5000, 0)).toBe(0);
    expect(clock.hear(11_000, 6040, 1040)).toBe(40);
    // A tab that slept for 20 s gets at once what waited.
    expect(clock.hear(12_000, 27_000, 22_000)).toBe(20_000);
    expect(clock.hear(32_000, 27_010, 22_010)).toBe(10);
    expect(clock.offset).toBe(5000);
  });
  it('follows a clock that was set', () => {
    const clock = new ServerClock();
    clock.hear(10_000, 5000, 0);
    for (let s = 1; s <= 65; s += 1) clock.hear(s * 1000, 5000 + s * 1000, s * 1000);
    expect(clock.offset).toBe(-5000);
  });
});

describe('what was there before the page', () => {
  it('is stale at once where its device is dead', () => {
    let tell: (event: { data: string }) => void = () => undefined;
    vi.stubGlobal('EventSource', class {
      addEventListener(name: string, listener: typeof tell) {
        if (name === 'frame') tell = listener;
      }
      close() {}
    });
    const stop = live.subscribe('dead', () => undefined);
    const hour = 3_600_000;
    tell({ data: JSON.stringify({ t: Date.now(), reset: true, n: 0, p: ['dead', 'slow', 'set'],
      i: [0, 1, 2], v: [1, 2, 3], d: [-hour, -hour, -hour / 2], u: [1000, 600_000, 0] }) });
    expect(live.trust(live.get('dead'))).toBe('stale');
    expect(live.trust(live.get('slow'))).toBe('good');
    expect(live.trust(live.get('set'))).toBe('good');
    tell({ data: JSON.stringify({ t: Date.now(), i: [0], v: [2], d: [0] }) });
    expect(live.trust(live.get('dead'))).toBe('good');
    expect(live.get('dead')?.usualMs).toBe(1000);
    // What the server learns of them comes with their values.
    const arrived = live.get('slow')?.arrived;
    tell({ data: JSON.stringify({ t: Date.now(), i: [0, 1], v: [3, 2], d: [0, -hour],
      u: { 1: -1 } }) });
    expect(live.get('dead')?.usualMs).toBe(1000);
    expect(live.byException('slow')).toBe(true);
    tell({ data: JSON.stringify({ t: Date.now(), n: 3, p: ['new'], i: [3], v: [2], d: [0],
      u: { 0: -1 } }) });
    expect(live.byException('new')).toBe(true);
    expect(live.byException('none')).toBe(false);
    expect(arrived).toBeLessThan(performance.now());
    stop();
    vi.unstubAllGlobals();
  });
});
