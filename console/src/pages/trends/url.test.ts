import { describe, expect, it } from 'vitest';
import type { Pen } from './chart/types';
import { readPens, writePens, writeSearch } from './url';

const pen = (point: string, more: Partial<Pen> = {}): Pen =>
  ({ point, aggregation: 'auto', look: 0, limits: [], ...more });

describe('pens in the address', () => {
  it('reads a bare path, as the palette writes it', () => {
    expect(readPens('works/flow')).toEqual([pen('works/flow')]);
  });

  it('gives back all that was written', () => {
    const pens = [
      pen('a/b', { aggregation: 'mean', draw: 'step', scale: 'log', low: -1.5, high: 100 }),
      pen('c', { look: 9, side: 'right', own: true, hidden: true, noModel: true,
        shift: '7d', limits: [0.5, -2] }),
      pen('d', { look: 1, high: 3 }),
    ];
    expect(readPens(writePens(pens))).toEqual(pens);
  });

  it('keeps paths with the signs that it uses itself', () => {
    const pens = [pen('odd/a,b!c%21/100%'), pen('温度/一', { look: 1 })];
    const search = writeSearch({ pens: writePens(pens) });
    expect(readPens(new URLSearchParams(search).get('pens'))).toEqual(pens);
  });

  it('leaves out what is usual', () => {
    expect(writePens([pen('a'), pen('b', { look: 1 })])).toBe('a,b');
    expect(writePens([pen('a', { look: 4 })])).toBe('a!c4');
  });

  it('passes over what it does not know, and no more than sixteen', () => {
    expect(readPens('a!nonsense!mean!lim:x,,b')).toEqual([
      pen('a', { aggregation: 'mean' }), pen('b', { look: 1 })]);
    expect(readPens(Array.from({ length: 40 }, (_, i) => `p${i}`).join(','))).toHaveLength(16);
    expect(readPens(null)).toEqual([]);
  });

  it('gives each pen a look of its own', () => {
    const looks = readPens(Array.from({ length: 16 }, (_, i) => `p${i}`).join(','))
      .map(({ look }) => look);
    expect(new Set(looks).size).toBe(16);
    expect(readPens('a!c1,b,c').map(({ look }) => look)).toEqual([1, 0, 2]);
  });

  it('writes an address that people can read', () => {
    expect(writeSearch({ pens: 'a/b!mean', from: '2026-01-01T00:00:00Z', to: null }))
      .toBe('?pens=a/b!mean&from=2026-01-01T00:00:00Z');
    expect(writeSearch({ sql: 'a&b=c#d+e' })).toBe('?sql=a%26b%3Dc%23d%2Be');
  });
});
