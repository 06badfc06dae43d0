import { describe, expect, it } from 'vitest';
import { canBack, canForward, go, move, startAt, stepOf, stepsLimit } from './zoomHistory';

const step = (from: string) => ({ from, to: 'now' });

describe('the way back through zooms', () => {
  it('goes back and forward', () => {
    let way = go(go(startAt(step('1h')), step('10m')), step('1m'));
    expect(canForward(way)).toBe(false);
    way = move(move(way, -1), -1);
    expect(stepOf(way)).toEqual(step('1h'));
    expect(canBack(way)).toBe(false);
    expect(move(way, -1)).toBe(way);
    expect(stepOf(move(way, 1))).toEqual(step('10m'));
  });

  it('forgets what lay ahead when a new window is chosen', () => {
    const way = go(move(go(go(startAt(step('a')), step('b')), step('c')), -1), step('d'));
    expect(way.steps.map(({ from }) => from)).toEqual(['a', 'b', 'd']);
    expect(canForward(way)).toBe(false);
  });

  it('takes the same window once, and so many at most', () => {
    let way = startAt(step('0'));
    expect(go(way, step('0'))).toBe(way);
    for (let i = 1; i <= 2 * stepsLimit; ++i) way = go(way, step(String(i)));
    expect(way.steps).toHaveLength(stepsLimit);
    expect(stepOf(way)).toEqual(step(String(2 * stepsLimit)));
  });
});
