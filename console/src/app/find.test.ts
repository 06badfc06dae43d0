import { beforeEach, describe, expect, it } from 'vitest';
import { fit, keepRecent, readRecent } from './find';

describe('how well a text fits', () => {
  it('takes words in any order, and letters that are apart', () => {
    expect(fit('Users and rights', 'rig use')).toBeGreaterThan(0);
    expect(fit('bluewater/plant1/filtration/filter1', 'flt1')).toBeGreaterThan(0);
    expect(fit('System: Storage and backup', 'sb')).toBeGreaterThan(0);
    expect(fit('Overview', 'xyz')).toBe(0);
    expect(fit('Overview', 'ovw')).toBeGreaterThan(0);
    expect(fit('anything', '')).toBeGreaterThan(0);
  });
  it('puts a beginning before a middle, and whole before scattered', () => {
    expect(fit('Trends', 'tr')).toBeGreaterThan(fit('Metrics', 'tr'));
    expect(fit('filter1', 'fil')).toBeGreaterThan(fit('f-inlet-l', 'fil'));
  });
  it('does not take letters that are there by chance', () => {
    expect(fit('an address that is long enough to have every letter', 'arle')).toBe(0);
  });
  it('knows Chinese', () => expect(fit('系统：存储与备份', '备份')).toBeGreaterThan(0));
});

describe('what was opened lately', () => {
  beforeEach(() => localStorage.clear());
  it('comes first, once, and not without end', () => {
    for (let i = 0; i < 30; i += 1) keepRecent({ kind: 'point', id: `p${i}`, text: `p${i}` });
    keepRecent({ kind: 'point', id: 'p25', text: 'p25' });
    expect(readRecent().slice(0, 3).map((one) => one.id)).toEqual(['p25', 'p29', 'p28']);
    expect(readRecent()).toHaveLength(12);
  });
  it('is nothing where the store has something else', () => {
    localStorage.setItem('headworks.recent', '{"a":1}');
    expect(readRecent()).toEqual([]);
    localStorage.setItem('headworks.recent', '[{"kind":"x"}, 4]');
    expect(readRecent()).toEqual([]);
    localStorage.setItem('headworks.recent', 'no');
    expect(readRecent()).toEqual([]);
  });
});
