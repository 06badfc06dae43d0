import { describe, expect, it } from 'vitest';
import { readScene } from '../model/scene';
import { letterSize, placeLabels, placeTroubles, roomOf, sampleOf } from './labels';
import { instrumentLetters } from './level';
import { placeSheet } from './place';
import { routeLines } from './route';

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

describe('the sheet', () => {
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
    const places = placeLabels(crowded, roomOf(crowded, [], [600, 300]), 12);
    const rows = [...places.entries()].map(([id, place]) =>
      [id, place.anchor, Math.round(place.y)].join());
    expect(new Set(rows).size).toBe(rows.length);
    expect(places.has('wall')).toBe(false);
  });
  it('leads to its label what has no room beside it, and leaves out what has none at all', () => {
    const sheet = placeSheet(scene, [1, 1], new Set());
    const [well] = sheet.nodes.filter((one) => one.item.id === 'well');
    if (!well) throw new Error('no well');
    // Symbols shoulder to shoulder around it.
    const walls = [[-50, 0], [50, 0], [0, -60], [0, 60], [-50, -60], [50, 60], [-50, 60],
      [50, -60]].map(([dx = 0, dy = 0], i) => ({
      ...well, x: well.x + dx, y: well.y + dy, label: 'none' as const, item: {
        ...well.item, id: `wall${i}` } }));
    const nodes = [well, ...walls];
    const wide = placeLabels(nodes, roomOf(nodes, [], [600, 300]), 12).get('well');
    expect(wide?.leader).toBeDefined();
    expect(wide?.name).toBe(true);
    const tight = placeLabels(nodes, roomOf(nodes, [], [10, 10]), 12);
    expect(tight.has('well')).toBe(false);
  });
  it('never leaves out what is amiss, nor puts it over a label where there is room', () => {
    const { nodes } = placeSheet(scene, [1, 1], new Set());
    const room = roomOf(nodes, [], [600, 300]);
    const places = placeLabels(nodes, room, 12);
    const [pump] = nodes.filter((one) => one.item.id === 'pump');
    if (!pump) throw new Error('no pump');
    const found = placeTroubles([{ node: pump, text: 'vibration 5 mm/s' }], room, 12).get('pump');
    expect(found).toBeDefined();
    expect(found?.y).not.toBe(places.get('pump')?.y);
    const none = placeTroubles([{ node: pump, text: 'x'.repeat(200) }],
      { ...room, sheet: [10, 10] }, 12);
    expect(none.has('pump')).toBe(true);
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
    expect(letterSize(0.01)).toBe(23);
  });
});
