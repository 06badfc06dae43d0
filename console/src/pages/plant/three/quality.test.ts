import { describe, expect, it } from 'vitest';
import { levels, Quality, type Level } from './quality';

// Runs frames for some seconds, each as long as the level makes it.
function machine(cost: (level: Level) => number, way?: 'least' | 'full') {
  const seen: Level[] = [];
  const quality = new Quality((level) => seen.push(level), way);
  let now = 1000;
  return {
    seen, quality,
    run(seconds: number) {
      for (const end = now + seconds * 1000; now < end;) {
        quality.frame(now, true);
        now += cost(quality.level);
      }
      return levels.indexOf(quality.level);
    },
  };
}

describe('quality', () => {
  it('stays as it is where the machine keeps up', () => {
    const { run, seen } = machine(() => 16.7);
    expect(run(60)).toBe(0);
    expect(seen).toEqual([]);
  });

  it('draws fewer pixels first, then no shadows', () => {
    const { run, seen } = machine(({ scale, shadows }) => 30 * scale + (shadows ? 6 : 0));
    run(4);
    expect(seen.map(({ scale, shadows }) => [scale, shadows]))
      .toEqual([[0.8, true], [0.64, true], [0.64, false]]);
  });

  it('goes down faster where it is far too slow, and rests between frames at the end', () => {
    const { run, seen } = machine(({ scale }) => 200 * scale);
    expect(run(6)).toBe(levels.length - 1);
    expect(seen.length).toBe(3);
    expect(levels.at(-1)?.pauseMs).toBeGreaterThan(100);
  });

  it('comes back when the machine is free again, and does not flap when it is not', () => {
    let busy = true;
    const { run, seen } = machine(({ scale, shadows }) =>
      (busy ? 30 * scale + (shadows ? 6 : 0) : 16.7));
    expect(run(5)).toBe(3);
    const before = seen.length;
    run(120);
    // It tries more, each time later.
    expect(seen.length - before).toBeLessThanOrEqual(10);
    busy = false;
    expect(run(600)).toBe(0);
  });

  it('does not lower what is not to blame: a screen of 30 Hz', () => {
    const { run } = machine(() => 33.3);
    run(6);
    expect(run(60)).toBe(0);
  });

  it('does not measure pauses', () => {
    const { quality, seen } = machine(() => 0);
    for (let now = 1000; now < 60_000; now += 250) quality.frame(now, false);
    expect(seen).toEqual([]);
  });

  it('draws least from the first and for ever where software draws', () => {
    const { run } = machine(() => 10, 'least');
    expect(run(1)).toBe(levels.length - 1);
    expect(run(900)).toBe(levels.length - 1);
  });

  it('draws all where that is asked for', () => {
    expect(machine(() => 200, 'full').run(60)).toBe(0);
  });
});
