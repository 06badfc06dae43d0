import { describe, expect, it } from 'vitest';
import { layLabels, pinSize, Taken, type Candidate } from './layout';
import { detailFor } from './lod';

const label = (more: Partial<Candidate>): Candidate => ({
  x: 100, y: 100, width: 80, height: 20, distance: 10, weight: 0, standing: false, mark: false,
  placed: false, form: 'words', left: 0, top: 0, ...more,
});
const lay = (...all: Candidate[]) => layLabels([...all], 400, 300, new Taken(), 50);

describe('labels', () => {
  it('stands above its place on whole pixels', () => {
    const one = label({ x: 100.4, y: 100.2 });
    lay(one);
    expect([one.placed, one.left, one.top]).toEqual([true, 60, 70]);
  });

  it('gives the nearest the room', () => {
    const [far, near] = [label({ distance: 20 }), label({ distance: 10 })];
    lay(far, near);
    expect([far.placed, near.placed]).toEqual([false, true]);
  });

  it('prefers what stands already to what is only a little nearer', () => {
    const [old, fresh] = [label({ distance: 11, standing: true }), label({ distance: 10 })];
    lay(fresh, old);
    expect([old.placed, fresh.placed]).toEqual([true, false]);
    const much = label({ distance: 5 });
    lay(much, old);
    expect([old.placed, much.placed]).toEqual([false, true]);
  });

  it('never hides trouble: without room its mark stands alone', () => {
    const all = [1, 2, 3].map((distance) => label({ weight: 1, distance }));
    lay(...all);
    expect(all.map(({ placed }) => placed)).toEqual([true, true, true]);
    expect(all.map(({ form }) => form)).toEqual(['words', 'pin', 'pin']);
    expect((all[1] as Candidate).left).toBe(100 - pinSize / 2);
  });

  it('shows what is selected in full, before all else', () => {
    const [chosen, trouble] = [label({ weight: 2, distance: 50 }), label({ weight: 1 })];
    lay(trouble, chosen);
    expect([chosen.form, trouble.form]).toEqual(['words', 'pin']);
  });

  it('is not cut by an edge of the view', () => {
    const all = [label({ x: 10, y: 12 }), label({ x: 395, y: 299 })];
    lay(...all);
    expect(all.map(({ left, top }) => [left, top])).toEqual([[4, 4], [316, 269]]);
  });

  it('shows the mark of what runs where its words have no room, unless it covers others', () => {
    const [near, far] = [label({}), label({ y: 104, distance: 20, mark: true })];
    const under = label({ y: 85, distance: 30, mark: true });
    lay(near, far, under);
    expect([far.placed, far.form, far.left, far.top]).toEqual([true, 'mark', 92, 96]);
    expect([near.form, under.placed]).toEqual(['words', false]);
  });

  it('shows nothing of what is outside', () => {
    const out = label({ x: -5, weight: 1 });
    lay(out);
    expect(out.placed).toBe(false);
  });

  it('never lets two overlap', () => {
    const all = Array.from({ length: 60 }, (_, i) =>
      label({ x: (i * 37) % 400, y: (i * 53) % 300, distance: i }));
    lay(...all);
    const shown = all.filter(({ placed }) => placed);
    expect(shown.length).toBeGreaterThan(5);
    for (const a of shown)
      for (const b of shown)
        if (a !== b)
          expect(a.left < b.left + b.width && b.left < a.left + a.width
            && a.top < b.top + b.height && b.top < a.top + a.height).toBe(false);
  });
});

describe('detail', () => {
  it('is finer from near and none for a speck', () => {
    expect(detailFor(5, 4, 900, 1)).toBe(2);
    expect(detailFor(5, 30, 900, 1)).toBe(2);
    expect(detailFor(5, 150, 900, 1)).toBe(1);
    expect(detailFor(5, 700, 900, 1)).toBe(0);
    expect(detailFor(0.2, 900, 900, 1)).toBe(-1);
  });

  it('holds at a border', () => {
    // 5 m at 321 m and 900 px are 14.24 px, just over the border of 14.
    expect(detailFor(5, 321, 900, 1)).toBe(1);
    expect(detailFor(5, 321, 900, 0)).toBe(0);
  });
});
