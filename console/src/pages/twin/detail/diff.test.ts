import { render } from './testRender';
import { describe, expect, it } from 'vitest';
import type { TwinValue } from '../data';
import { DiffTable } from './PastTab';
import { deltaText, diffOf, diffRow, stopsOf } from './diff';

const value = (one: unknown, quality = 'good'): TwinValue =>
  ({ value: one, quality, origin: one === null ? 'none' : 'point' });

describe('what differs', () => {
  it('tells changed, added, removed and the same', () => {
    expect(diffRow('a', value(1), value(3))).toMatchObject({ kind: 'changed', delta: 2 });
    expect(diffRow('a', value(null), value(3)).kind).toBe('added');
    expect(diffRow('a', value(1), undefined).kind).toBe('removed');
    expect(diffRow('a', value({ x: [1] }), value({ x: [1] })).kind).toBe('same');
    expect(diffRow('a', undefined, value(null)).kind).toBe('same');
  });
  it('counts a value that went bad as changed', () => {
    expect(diffRow('a', value(1), value(1, 'bad.device_failure')).kind).toBe('changed');
    expect(diffRow('a', value(1), value(1, 'uncertain')).kind).toBe('same');
    expect(diffRow('a', value(1), value(3, 'bad.x'))).not.toHaveProperty('delta');
  });
  it('takes the properties of both sides', () => {
    expect(diffOf({ a: value(1) }, { b: value(2) }).map((row) => row.kind))
      .toEqual(['removed', 'added']);
  });
  it('writes differences with three figures', () => {
    expect(deltaText(0.000234)).toBe('+0.000234');
    expect(deltaText(-12.34)).toBe('−12.3');
  });
  it('stops at every version', () => {
    const stops = stopsOf(0, 100, [33, 500], 4);
    expect(stops).toEqual([0, 25, 33, 50, 75, 100]);
  });
  it('is shown by sign and word, not by colour alone', () => {
    const text = render(DiffTable, {
      rows: diffOf({ a: value(1), b: value(2), same: value(1) },
        { a: value(4), b: value(null), same: value(1) }),
      before: 'then', after: 'now', down: false,
    });
    expect(text).toContain('≠');
    expect(text).toContain('−');
    expect(text).toContain('changed');
    expect(text).toContain('removed');
    expect(text).toContain('+3');
    expect(text).not.toContain('same');
  });
});
