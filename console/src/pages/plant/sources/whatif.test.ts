import { describe, expect, it, vi } from 'vitest';
import { differencesAt, ResultSource } from './whatif';

const level = { twin: 'tank', path: 'level', unit: 'm', values: [1, 2, 3] };
const runs = { twin: 'pump', path: 'running', unit: '', values: [1, 0, null] };
const base = [
  { ...level, values: [1, 2.5, 3] }, { ...runs, values: [1, 1, 1] },
];

describe('a what-if', () => {
  it('shows the step that is chosen, flags as flags', () => {
    const source = new ResultSource([level, runs], (_, path) => (path === 'running' ? true : 0));
    const heard = vi.fn();
    source.subscribe(heard);
    expect(source.read('pump', 'running')?.value).toBe(true);
    source.moveTo(1);
    source.moveTo(1);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(source.read('pump', 'running')?.value).toBe(false);
    expect(source.read('tank', 'level')).toMatchObject({ value: 2, unit: 'm', trust: 'good' });
  });
  it('has no value where the model computes none', () => {
    const source = new ResultSource([runs], () => null);
    source.moveTo(2);
    expect(source.read('pump', 'running')?.trust).toBe('none');
    expect(source.read('pump', 'power')).toEqual({ value: null, trust: 'none' });
  });
  it('lists what differs at a step, the greatest first', () => {
    expect(differencesAt([level, runs], base, 0)).toEqual([]);
    expect(differencesAt([level, runs], base, 1).map((one) => [one.path, one.before, one.after]))
      .toEqual([['running', 1, 0], ['level', 2.5, 2]]);
    expect(differencesAt([level, runs], base, 2)).toEqual([]);
  });
});
