import { describe, expect, it } from 'vitest';
import waterworks from '../../../../../examples/waterworks/scene.json';
import type { Scene } from '../contract';
import { FlowMarks, lapseOf, markSpan, nextPhase } from './flow';
import { localMatrix, readModel, sunDirection } from './model';
import { colourOf, geometryKey, shapeModel, type Shape } from './shapes';
import { World } from './world';

const kinds: Shape[] = [
  { kind: 'box' }, { kind: 'cylinder' }, { kind: 'tank' }, { kind: 'tank', roof: 'dome' },
  { kind: 'tank', lying: true }, { kind: 'basin', channels: 3, weirs: true }, { kind: 'clarifier' },
  { kind: 'filter' }, { kind: 'pipe', points: [[0, 0, 0], [3, 0, 0], [3, 0, 3]], flanges: true },
  { kind: 'pump' }, { kind: 'pump', form: 'vertical' }, { kind: 'mixer' },
  { kind: 'mixer', form: 'paddle' }, { kind: 'valve' }, { kind: 'valve', drive: 'motor' },
  { kind: 'building', roof: 'gable' }, { kind: 'building', opacity: 0.3 }, { kind: 'tower' },
  { kind: 'river', points: [[0, 0, 0], [0, 0, 9]] },
  { kind: 'area', points: [[0, 0], [4, 0], [0, 4]] }, { kind: 'arrow' }, { kind: 'tree' },
  { kind: 'tree', form: 'conifer' },
];

describe('shapes', () => {
  it.each(kinds)('draws $kind at each detail, without holes in its numbers', (shape) => {
    for (const detail of ['low', 'medium', 'high'] as const) {
      const model = shapeModel(shape, detail, false);
      const surfaces = [...(model?.body ?? []), ...(model?.rotor ?? [])];
      expect(surfaces.length).toBeGreaterThan(0);
      for (const { mesh } of surfaces) {
        expect(mesh.indices.length).toBeGreaterThan(0);
        expect(mesh.positions.every(Number.isFinite)).toBe(true);
        expect(mesh.indices.every((one) => one < mesh.vertices)).toBe(true);
        expect(mesh.shades.every((one) => one > 0.2 && one <= 1)).toBe(true);
      }
    }
  });

  it('draws nothing for a kind it does not know', () => {
    expect(shapeModel({ kind: 'rocket' }, 'low', false)).toBeNull();
    expect(shapeModel({ kind: 'constructor' }, 'low', false)).toBeNull();
  });

  it('shares a geometry between colours, not between sizes', () => {
    const key = (more: object) => geometryKey({ kind: 'tank', ...more });
    expect(key({ colour: '#112233', level: 0.2 })).toBe(key({ water: '#445566' }));
    expect(key({ height: 5 })).not.toBe(key({ height: 6 }));
    expect(colourOf({ kind: 'tank', water: '#445566' }, '@water')).toBe('#445566');
    expect(colourOf({ kind: 'tank', water: 'blue' }, '@water')).toBe('#4f93c4');
  });

  it('puts the water of an open tank inside it, and gauges outside one with a roof', () => {
    const open = shapeModel({ kind: 'tank', diameter: 10, height: 5, wall: 0.5 }, 'low', false);
    const reach = (mesh: { positions: number[] } | undefined) =>
      Math.max(...(mesh?.positions ?? []).filter((_, i) => i % 3 !== 1).map(Math.abs));
    expect(reach(open?.water?.mesh)).toBeLessThan(4.5);
    expect((open?.waterAt[1] ?? 0) + (open?.waterHeight ?? 9)).toBeLessThan(5);
    const roofed = shapeModel({ kind: 'tank', diameter: 10, roof: 'cone' }, 'low', false);
    expect(reach(roofed?.water?.mesh)).toBeGreaterThan(5);
  });
});

describe('scenes', () => {
  it('reads the demo works whole', () => {
    const model = readModel(waterworks as unknown as Scene);
    expect(model.items).toHaveLength(199);
    expect(model.views).toHaveLength(7);
    const pump = model.byId.get('intake_pump1');
    expect(pump?.layer).toBe('treatment');
    expect(pump?.world.elements.slice(12, 15)).toEqual([-90, 0.2, -6]);
    expect(pump?.bindings.every(({ twin }) => twin === 'bluewater/plant1/intake/pump1')).toBe(true);
  });

  it('draws the demo works in six batches', () => {
    const world = new World(readModel(waterworks as unknown as Scene));
    expect(Object.keys(world.batches)).toHaveLength(6);
    expect(world.drawn.length).toBe(178);
    const tank = world.byItem.get('clear_well1');
    expect(tank?.water).not.toBeNull();
    world.dispose();
  });

  it('outlives parents in a circle, unknown shapes and unknown bindings', () => {
    const scene = {
      format: 'headworks-scene/1', nodes: [
        { id: 'a', parent: 'b' }, { id: 'b', parent: 'a' },
        {
          id: 'c', shape: { kind: 'rocket' },
          bindings: [{ kind: 'sound', property: 'p', twin: 't' }],
        },
      ],
    } as unknown as Scene;
    const model = readModel(scene);
    expect(model.items.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(model.byId.get('c')?.bindings).toEqual([]);
    expect(new World(model).drawn).toHaveLength(0);
  });

  it('turns scenes with z up', () => {
    const east = localMatrix({ id: 'x', position: [1, 2, 3], rotation: [0, 0, 90] }, true);
    expect(east.elements.slice(12, 15)).toEqual([1, 3, -2]);
    // A quarter about the upright axis: what pointed east (x) points north (-z).
    expect(east.elements.slice(0, 3).map(Math.round)).toEqual([0, 0, -1]);
  });

  it('has the sun where the compass says', () => {
    expect(sunDirection(90, 45)[0]).toBeCloseTo(Math.SQRT1_2);
    expect(sunDirection(180, 45)[2]).toBeCloseTo(Math.SQRT1_2);
  });
});

describe('flow', () => {
  it('moves with the flow and against it, and stays in its span', () => {
    expect(nextPhase(0, 2, 0.1, 1)).toBe(0.2);
    expect(nextPhase(0, -2, 0.1, 1)).toBe(markSpan - 0.2);
    expect(nextPhase(markSpan - 0.1, 2, 0.1, 1)).toBeCloseTo(0.1);
    // A slow screen shows it slower, never backwards.
    expect(nextPhase(0, 2, 5, 1)).toBe(0.4);
    expect(nextPhase(3, 0, 0.5, 1)).toBe(3);
  });

  it('goes as in a time lapse from far', () => {
    expect(lapseOf(5)).toBe(1.5);
    expect(lapseOf(180)).toBe(10);
    expect(lapseOf(5000)).toBe(14);
  });

  it('has marks where a flow is bound, and none where nothing flows', () => {
    const world = new World(readModel(waterworks as unknown as Scene));
    const flow = new FlowMarks(world.drawn);
    expect(flow.carriers).toHaveLength(40);
    const [first] = flow.carriers;
    if (!first) throw new Error('no carrier');
    flow.set(first, 1.2);
    expect(flow.strengthOf(first)).toBeGreaterThan(0.3);
    flow.set(first, 0);
    expect(flow.strengthOf(first)).toBe(0);
    flow.dispose();
    world.dispose();
  });
});
