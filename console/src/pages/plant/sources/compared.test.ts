import { describe, expect, it } from 'vitest';
import type { Reading, ValueSource } from '../contract';
import { Compared } from './whatif';

const source = (value: Reading['value'], trust: Reading['trust'] = 'good'): ValueSource => ({
  read: () => ({ value, trust, unit: 'm' }), subscribe: () => () => undefined,
});

describe('two sides compared', () => {
  const changed = (mine: ValueSource, base: ValueSource) =>
    new Compared(mine, base).read('t', 'p')?.change;
  it('tells by how much a number differs', () => {
    expect(changed(source(3), source(2.5))).toBeCloseTo(0.5);
    expect(changed(source(3), source(3))).toBeUndefined();
  });
  it('compares nothing with what is not known or no number', () => {
    expect(changed(source(3), source(null, 'none'))).toBeUndefined();
    expect(changed(source(3, 'bad'), source(2))).toBeUndefined();
    expect(changed(source('a'), source('b'))).toBeUndefined();
  });
  it('leaves the value as it is', () =>
    expect(new Compared(source(3), source(2)).read('t', 'p')).toMatchObject(
      { value: 3, unit: 'm', trust: 'good' }));
});
