import { describe, expect, it } from 'vitest';
import type { Reading, ValueSource } from './contract';
import { fillFormat } from './model/format';
import { asNumber, fillShare, flowOf, holds, motionOf, trustOfItem, worse } from './model/rules';
import { commonPrefix, isEquipment, readScene } from './model/scene';
import { troubleOf } from './model/trouble';
import { waterOf } from './schematic/level';
import { placeSheet, stretchFor } from './schematic/place';
import { longestPiece, roundedPath, routeLines, straightened } from './schematic/route';
import { zoomed } from './schematic/useView';

const scene = {
  schematic: { size: [400, 200] },
  layers: [{ id: 'works' }],
  nodes: [
    { id: 'site', twin: 'w', layer: 'works' },
    { id: 'tank', name: 'Tank', parent: 'site', twin: 'w/tank', shape: { kind: 'tank' },
      bindings: [{ kind: 'fill', property: 'level', min: 1, max: 5 },
        { kind: 'label', property: 'level', format: '{value:.2f} {unit}', unit: 'm' },
        { kind: 'badge', property: 'level', when: { op: '<', value: 2 }, severity: 'high',
          text: 'level {value:.1f} {unit}', unit: 'm' }],
      schematic: { position: [80, 100], symbol: 'tank' } },
    { id: 'pump', name: 'Pump', parent: 'site', twin: 'w/pump', shape: { kind: 'pump' },
      bindings: [{ kind: 'spin', property: 'speed' }],
      schematic: { position: [300, 100], symbol: 'auto' } },
    { id: 'pipe', twin: 'w/pump', shape: { kind: 'pipe' },
      bindings: [{ kind: 'flow', property: 'flow', factor: 0.01 }],
      schematic: { symbol: 'line', from: 'tank', to: 'pump' } },
  ],
} as unknown as Parameters<typeof readScene>[0];
const model = readScene(scene);
const item = (id: string) => {
  const found = model.byId.get(id);
  if (!found) throw new Error(id);
  return found;
};
const source = (values: Record<string, Partial<Reading>>): ValueSource => ({
  read: (twin, property) => {
    const one = values[`${twin} ${property}`];
    return one ? { value: null, trust: 'good', ...one } : undefined;
  },
  subscribe: () => () => undefined,
});

describe('a scene', () => {
  it('hands twins and layers down', () => {
    expect(item('tank').layer).toBe('works');
    expect(model.bound).toContain('w/tank\nlevel');
    expect(model.twins).toEqual(['w/tank', 'w/pump']);
  });
  it('knows what is equipment', () =>
    expect(model.items.filter(isEquipment).map((one) => one.id)).toEqual(['tank', 'pump']));
  it('finds what to subscribe to', () => {
    expect(commonPrefix(['a/b/c', 'a/b/d'])).toBe('a/b');
    expect(commonPrefix(['a', 'b'])).toBe('');
  });
});

describe('what is shown', () => {
  it('fills between min and max and no further', () => {
    const [fill] = item('tank').bindings;
    if (!fill) throw new Error('no binding');
    expect(fillShare(fill, 3)).toBe(0.5);
    expect(fillShare(fill, 99)).toBe(1);
    expect(fillShare(fill, null)).toBeNaN();
  });
  it('compares like with like only', () => {
    expect(holds({ op: '>', value: 1 }, 2)).toBe(true);
    expect(holds({ op: '==', value: '2' }, 2)).toBe(false);
    expect(holds({ op: 'in', values: ['a', 'b'] }, 'b')).toBe(true);
    expect(holds({ op: '<', value: 1 }, undefined)).toBe(false);
  });
  it('says whether a machine runs', () => {
    expect(motionOf(item('pump'), source({ 'w/pump speed': { value: 0.8 } })).kind).toBe('running');
    expect(motionOf(item('pump'), source({ 'w/pump speed': { value: 0 } })).kind).toBe('stopped');
    expect(motionOf(item('pump'), source({})).kind).toBe('none');
  });
  it('shows no flow that is not to be trusted', () => {
    expect(flowOf(item('pipe'), source({ 'w/pump flow': { value: 80 } }))).toBeCloseTo(0.8);
    expect(flowOf(item('pipe'), source({ 'w/pump flow': { value: 80, trust: 'bad' } }))).toBeNaN();
  });
  it('takes the worst trust', () => {
    expect(worse('good', 'bad')).toBe('bad');
    expect(trustOfItem(item('tank'), source({ 'w/tank level': { value: 3, trust: 'offline' } })))
      .toBe('offline');
    expect(asNumber(true)).toBe(1);
  });
  it('writes formats in the units of the person', () => {
    const reading: Reading = { value: 3.456, trust: 'good' };
    expect(fillFormat('{value:.2f} {unit}', reading, { unit: 'm', set: 'si' })).toBe('3.46 m');
    expect(fillFormat('{value:.1f} {unit}', reading, { unit: 'm', set: 'us' })).toBe('11.3 ft');
    expect(fillFormat('{value}', undefined, { set: 'si' })).toBe('–');
    expect(fillFormat('{what} {name}', reading, { name: 'T', set: 'si' })).toBe('{what} T');
  });
  it('names the trouble', () => {
    const low = troubleOf(item('tank'), source({ 'w/tank level': { value: 1.5 } }), 'si');
    expect(low).toEqual({ kind: 'alarm', text: 'level 1.5 m' });
    // A condition on a value that is not known is no alarm, but the value is a trouble.
    const bad = troubleOf(
      item('tank'), source({ 'w/tank level': { value: 1.5, trust: 'bad' } }), 'si');
    expect(bad?.kind).toBe('warn');
    expect(troubleOf(item('tank'), source({ 'w/tank level': { value: 4 } }), 'si')).toBeUndefined();
  });
});

describe('the drawing', () => {
  it('puts the water where the level is', () => {
    const water = waterOf('tank', 40, 60, 0.25);
    expect(water).toEqual({ x: -20, y: 15, w: 40, h: 15 });
    expect(waterOf('tank', 40, 60, NaN)).toBeUndefined();
    expect(waterOf('pump', 40, 60, 0.5)).toBeUndefined();
  });
  it('draws lines between symbols at right angles', () => {
    const sheet = placeSheet(model, [1, 1], new Set());
    expect(sheet.nodes.map((one) => one.symbol)).toEqual(['tank', 'pump']);
    const [points] = [...routeLines(sheet).values()];
    expect(points?.length).toBeGreaterThan(1);
    points?.slice(1).forEach(([x, y], i) => {
      const [px, py] = points[i] ?? [NaN, NaN];
      expect(Math.min(Math.abs(x - px), Math.abs(y - py))).toBeLessThan(0.01);
    });
  });
  it('leaves out hidden layers', () =>
    expect(placeSheet(model, [1, 1], new Set(['works'])).nodes).toEqual([]));
  it('stretches a sheet within reason', () => {
    expect(stretchFor([400, 200], [400, 200])).toEqual([1, 1]);
    expect(stretchFor([400, 200], [400, 4000])).toEqual([1, 2]);
  });
  it('makes paths', () => {
    expect(straightened([[0, 0], [5, 0], [9, 0]])).toEqual([[0, 0], [9, 0]]);
    expect(roundedPath([[0, 0], [10, 0], [10, 10]], 2)).toMatch(/^M0\.0 0\.0L8\.0 0\.0Q/);
    expect(longestPiece([[0, 0], [10, 0], [10, 30]]).middle).toEqual([10, 15]);
  });
  it('zooms about a place', () =>
    expect(zoomed({ x: 0, y: 0, w: 100, h: 50 }, 0.5, { x: 100, y: 50 })).toEqual(
      { x: 50, y: 25, w: 50, h: 25 }));
});
