import { describe, expect, it } from 'vitest';
import { layerFor, layers, Replay, type Chunk } from './replay';
import { at, newTrack, patienceOf, push } from './tracks';

const minute = 60e3;

function chunkOf(level: number, from: number, to: number, key: string,
  samples: [number, number, string?][]): Chunk {
  const track = newTrack();
  for (const [time, value, quality] of samples) push(track, time, value, quality ?? 'good');
  return { level, from, to, tracks: new Map([[key, track]]) };
}

describe('a replay', () => {
  const replay = new Replay(1000, 5000);
  replay.add('p\nflow', 999, 1, 'good');
  replay.add('p\nflow', 2000, 2, 'uncertain.x');
  replay.add('p\nflow', 3000, 3, 'bad');
  replay.setUnit('p\nflow', 'l/s');
  it('shows what was last known at the moment', () => {
    replay.moveTo(1500);
    expect(replay.read('p', 'flow')).toMatchObject({ value: 1, trust: 'good', unit: 'l/s' });
    replay.moveTo(2000);
    expect(replay.read('p', 'flow')).toMatchObject({ value: 2, trust: 'uncertain', ageMs: 0 });
    replay.moveTo(4000);
    expect(replay.read('p', 'flow')).toMatchObject({ value: 3, trust: 'bad' });
  });
  it('stays within its stretch, backwards too', () => {
    replay.moveTo(99_999);
    expect(replay.read('p', 'flow')?.ageMs).toBe(2000);
    replay.moveTo(0);
    expect(replay.read('p', 'flow')?.value).toBe(1);
  });
  it('says nothing of what it does not know', () =>
    expect(replay.read('p', 'level')).toMatchObject({ value: null, trust: 'none' }));
  it('keeps order', () => {
    replay.add('p\nflow', 10, 9, 'good');
    replay.moveTo(1500);
    expect(replay.read('p', 'flow')?.value).toBe(1);
  });
  it('tells listeners', () => {
    let told = 0;
    const stop = replay.subscribe(() => { told += 1; });
    replay.moveTo(2500);
    stop();
    replay.moveTo(2600);
    expect(told).toBe(1);
  });
  it('knows what is computed only at the moment that was asked for', () => {
    replay.moveTo(2500);
    replay.setComputed(2500, new Map([['p\nload', { value: 7, trust: 'good' }]]));
    expect(replay.read('p', 'load')).toMatchObject({ value: 7, trust: 'good' });
    replay.moveTo(2600);
    expect(replay.read('p', 'load')?.trust).toBe('none');
  });
});

describe('layers of a replay', () => {
  const step = layers[0]?.step ?? NaN;
  const make = () => {
    const replay = new Replay(0, 3600e3);
    // The last of each slice of five minutes, of a value that came each second.
    for (let k = 0; k < 12; k += 1) replay.add('p\nflow', (k + 1) * step - 500, k, 'good');
    return replay;
  };
  it('shows the nearest sample that any of them has', () => {
    const replay = make();
    replay.moveTo(2 * step + 10_400);
    expect(replay.read('p', 'flow')).toMatchObject({ value: 1, ageMs: 10_900 });
    replay.put(chunkOf(3, 2 * step, 3 * step, 'p\nflow',
      [[2 * step - 500, 1], [2 * step + 9500, 20], [2 * step + 10_500, 21, 'bad']]));
    expect(replay.read('p', 'flow')).toMatchObject({ value: 20, trust: 'good' });
    replay.moveTo(2 * step + 10_500);
    expect(replay.read('p', 'flow')).toMatchObject({ value: 21, trust: 'bad' });
    // Outside of the finer stretch the coarse one holds.
    replay.moveTo(3 * step + 1000);
    expect(replay.read('p', 'flow')).toMatchObject({ value: 2, trust: 'good' });
  });
  it('tells a silence to be stale once it is looked at closely', () => {
    const replay = make();
    replay.moveTo(2 * step + 4 * minute);
    // Coarsely nobody can say: a later sample of this slice may be there.
    expect(replay.read('p', 'flow')?.trust).toBe('good');
    replay.put(chunkOf(3, 2 * step, 3 * step, 'p\nflow', [[2 * step - 500, 1]]));
    expect(replay.read('p', 'flow')?.trust).toBe('stale');
    replay.moveTo(2 * step + 30_000);
    expect(replay.read('p', 'flow')?.trust).toBe('good');
  });
  it('has patience with what is told when it changes, unless its model limits its age', () => {
    const replay = make();
    replay.byException = (key) => key === 'p\nflow';
    replay.put(chunkOf(3, 2 * step, 3 * step, 'p\nflow', [[2 * step - 500, 1]]));
    replay.moveTo(2 * step + 4 * minute);
    expect(replay.read('p', 'flow')?.trust).toBe('good');
    replay.staleAfter.set('p\nflow', minute);
    expect(replay.read('p', 'flow')?.trust).toBe('stale');
  });
  it('keeps to the age that the model allows', () => {
    const replay = make();
    replay.staleAfter.set('p\nflow', 5000);
    replay.put(chunkOf(3, 2 * step, 3 * step, 'p\nflow', [[2 * step, 1]]));
    replay.moveTo(2 * step + 5000);
    expect(replay.read('p', 'flow')?.trust).toBe('good');
    replay.moveTo(2 * step + 5001);
    expect(replay.read('p', 'flow')?.trust).toBe('stale');
  });
  it('are as fine as the speed needs', () => {
    expect([null, 1, 10, 60, 300, 1800, 3600].map(layerFor)).toEqual([3, 3, 3, 2, 1, 0, 0]);
    for (const [i, layer] of layers.entries()) {
      const coarser = layers[i - 1];
      if (!coarser) continue;
      expect(layer.step).toBeLessThan(coarser.step);
      expect(layer.span % step).toBe(0);
    }
  });
});

describe('tracks', () => {
  it('find places', () => {
    const track = { times: [1, 2, 2, 5], values: [], qualities: [] };
    expect([0, 1, 2, 4, 9].map((time) => at(track, time))).toEqual([-1, 0, 2, 2, 3]);
  });
  const of = (times: number[]) => ({ times, values: [], qualities: [] });
  it('are patient for a minute at least, and forever with what has no rhythm', () => {
    expect(patienceOf(of([0, 1000, 2000, 3000, 4000]), 2, 0)).toBe(60_000);
    expect(patienceOf(of([0, 60e3, 120e3, 180e3, 240e3, 300e3]), 4, 0)).toBe(600_000);
    expect(patienceOf(of([0, 1000]), 1, 0)).toBe(Infinity);
  });
  it('tell the rhythm of slices by their ends', () => {
    const each = Array.from({ length: 10 }, (_, i) => (i + 1) * 300e3 - 900);
    expect(patienceOf(of(each), 5, 300e3)).toBe(60_000);
    // Rarer than the slices: the gaps themselves.
    expect(patienceOf(of(each.map((time) => time * 10)), 5, 300e3)).toBe(30_000e3);
  });
  it('have patience with what comes on change', () => {
    const uneven = [0, 1, 2, 3, 40, 41, 42, 43, 90, 91, 92].map((minutes) => minutes * minute);
    expect(patienceOf(of(uneven), 10, 0)).toBeGreaterThan(100 * minute);
  });
});
