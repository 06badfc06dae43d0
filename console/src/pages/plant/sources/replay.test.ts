import { describe, expect, it } from 'vitest';
import { at, Replay } from './replay';

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
  it('finds places', () => {
    const track = { times: [1, 2, 2, 5], values: [], qualities: [] };
    expect([0, 1, 2, 4, 9].map((time) => at(track, time))).toEqual([undefined, 0, 2, 2, 3]);
  });
  it('tells listeners', () => {
    let told = 0;
    const stop = replay.subscribe(() => { told += 1; });
    replay.moveTo(2500);
    stop();
    replay.moveTo(2600);
    expect(told).toBe(1);
  });
});
