import { describe, expect, it } from 'vitest';
import { fillFormat } from '../model/format';
import { fillShare, holds } from '../model/rules';
import { commonPrefix, readScene } from '../model/scene';
import { letterSize, placeLabels, sampleOf } from './labels';
import { instrumentLetters, waterOf } from './level';
import { placeSheet, stretchFor } from './place';
import { longestPiece, roundedPath, routeLines, straightened } from './route';

const scene = readScene({
  format: 'headworks-scene/1',
  schematic: { size: [600, 300] } as never,
  nodes: [
    { id: 'well', twin: 'w/well', shape: { kind: 'tank' },
      bindings: [{ kind: 'fill', property: 'level', max: 4 },
        { kind: 'label', property: 'level', format: '{value:.2f} {unit}', unit: 'm' }],
      schematic: { position: [100, 150], label: 'above' } as never },
    { id: 'pump', parent: 'well', shape: { kind: 'pump' },
      bindings: [{ kind: 'colour', property: 'running', values: { true: '#000' } }],
      schematic: { position: [300, 150], label: 'above' } as never },
    { id: 'wall', shape: { kind: 'box' },
      schematic: { position: [200, 150], size: [20, 80], label: 'none' } as never },
    { id: 'line', shape: { kind: 'pipe' },
      schematic: { symbol: 'line', from: 'well', to: 'pump' } as never },
  ],
});

describe('a scene', () => {
  it('lets nodes inherit the twin of their parent', () => {
    expect(scene.byId.get('pump')?.twin).toBe('w/well');
    expect(scene.bound).toEqual(['w/well\nlevel', 'w/well\nrunning']);
  });
  it('finds what ids have in common by whole levels', () => {
    expect(commonPrefix(['a/b/c', 'a/bc/d'])).toBe('a');
    expect(commonPrefix(['a', 'b'])).toBe('');
  });
});

describe('levels', () => {
  it('stand on the floor of their vessel', () => {
    expect(waterOf('tank', 40, 60, 0.5)).toEqual({ x: -20, y: 0, w: 40, h: 30 });
    const filter = waterOf('filter', 60, 100, 1);
    expect(filter && filter.y + filter.h).toBeCloseTo(50 - 36);
  });
  it('are not drawn where nothing is known, and never beyond the rim', () => {
    expect(waterOf('tank', 40, 60, NaN)).toBeUndefined();
    expect(waterOf('pump', 40, 60, 0.5)).toBeUndefined();
    expect(waterOf('tank', 40, 60, 7)?.h).toBe(60);
  });
  it('follow the limits of the binding', () => {
    const fill = { kind: 'fill', property: 'level', min: 1, max: 5 } as const;
    expect(fillShare(fill, 3)).toBe(0.5);
    expect(fillShare(fill, 9)).toBe(1);
    expect(fillShare(fill, null)).toBeNaN();
  });
});

describe('conditions', () => {
  it('are not met by another type or by nothing', () => {
    expect(holds({ op: '<', value: 1.2 }, 1)).toBe(true);
    expect(holds({ op: '<', value: 1.2 }, '1')).toBe(false);
    expect(holds({ op: '!=', value: 'idle' }, null)).toBe(false);
    expect(holds({ op: 'in', values: ['a', 2] }, 2)).toBe(true);
  });
});

describe('formats', () => {
  it('convert to the units of the person', () => {
    const reading = { value: 10, unit: 'm', trust: 'good' } as const;
    expect(fillFormat('{value:.1f} {unit}', reading, { set: 'si' })).toBe('10.0 m');
    expect(fillFormat('{value:.1f} {unit}', reading, { set: 'us' })).toBe('32.8 ft');
  });
  it('show no number where there is none', () => {
    expect(fillFormat('pH {value:.2f}', { value: 7, trust: 'none' }, { set: 'si' })).toBe('pH –');
    expect(fillFormat('{name}: {quality}', { value: 1, trust: 'stale' }, { set: 'si', name: 'A' }))
      .toBe('A: stale');
  });
});

describe('the sheet', () => {
  it('is stretched towards the window, at most by half', () => {
    expect(stretchFor([1600, 600], [1000, 1000])).toEqual([1, 1.5]);
    expect(stretchFor([1000, 500], [1000, 500])).toEqual([1, 1]);
  });
  it('leads lines around what stands between, at right angles', () => {
    const sheet = placeSheet(scene, [1, 1], new Set());
    const [points] = [...routeLines(sheet).values()];
    const [begin] = points ?? [];
    expect([[125, 150], [75, 150], [100, 180]]).toContainEqual(begin);
    for (const [index, [x, y]] of (points ?? []).entries()) {
      const next = points?.[index + 1];
      if (next) expect(Math.min(Math.abs(next[0] - x), Math.abs(next[1] - y))).toBe(0);
    }
    const through = (points ?? []).slice(1).some(([x, y], index) => {
      const [x0, y0] = (points ?? [])[index] ?? [0, 0];
      return y === y0 && Math.abs(y - 150) < 40 && Math.min(x, x0) < 190 && Math.max(x, x0) > 210;
    });
    expect(through).toBe(false);
  });
  it('keeps labels apart', () => {
    const sheet = placeSheet(scene, [1, 1], new Set());
    const crowded = sheet.nodes.map((node) => ({ ...node, x: 100 + (node.x > 200 ? 40 : 0) }));
    const places = placeLabels(crowded, [], 12, [600, 300]);
    const rows = [...places.entries()].map(([id, place]) =>
      [id, place.anchor, Math.round(place.y)].join());
    expect(new Set(rows).size).toBe(rows.length);
    expect(places.has('wall')).toBe(false);
  });
});

describe('small things', () => {
  it('name instruments after what they measure', () => {
    expect(instrumentLetters(['flow'])).toBe('FI');
    expect(instrumentLetters(['chlorine', 'flow'])).toBe('AI');
    expect(instrumentLetters([])).toBe('I');
  });
  it('measure labels by their format', () => {
    const label = { kind: 'label', property: 'flow', twin: 't', unit: 'l/s' } as const;
    expect(sampleOf({ ...label, format: '{value:.2f} {unit}' })).toBe('000.00 L/s');
  });
  it('keep letters readable whatever the zoom', () => {
    expect(letterSize(1)).toBe(11.5);
    expect(letterSize(0.01)).toBe(19);
  });
  it('drop points within a straight piece', () => {
    expect(straightened([[0, 0], [5, 0], [9, 0], [9, 4]])).toEqual([[0, 0], [9, 0], [9, 4]]);
    expect(longestPiece([[0, 0], [9, 0], [9, 4]]).middle).toEqual([4.5, 0]);
    expect(roundedPath([[0, 0], [10, 0]], 4)).toBe('M0.0 0.0L10.0 0.0');
  });
});
