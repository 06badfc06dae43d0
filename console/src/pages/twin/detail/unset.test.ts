import { describe, expect, it } from 'vitest';
import { isUnset } from './ValuesTab';

describe('a property without a value', () => {
  const quality = 'bad.waiting_for_initial_data';
  it('is one that nothing feeds, or whose point is still silent', () => {
    expect(isUnset(undefined)).toBe(true);
    expect(isUnset({ value: null, quality, origin: 'none' })).toBe(true);
    expect(isUnset({ value: null, quality, origin: 'point', point: 'a/b' })).toBe(true);
  });
  it('is not one whose value was lost', () => {
    expect(isUnset({ value: 0, quality: 'good', origin: 'point', time: 't' })).toBe(false);
    expect(isUnset({ value: null, quality: 'bad', origin: 'point', time: 't' })).toBe(false);
    expect(isUnset({ value: 'x', quality: 'good', origin: 'fixed' })).toBe(false);
  });
});
