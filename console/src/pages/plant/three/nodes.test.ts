import { describe, expect, it, vi } from 'vitest';
import type { Reading, Scene } from '../contract';
import { FlowMarks } from './flow';
import { readModel } from './model';
import { Nodes } from './nodes';
import { World } from './world';

const scene = {
  format: 'headworks-scene/1',
  nodes: Array.from({ length: 10 }, (_, i) => ({
    id: `tank${i}`, twin: `w/${i}`, position: [i * 10, 0, 0], shape: { kind: 'tank' },
    bindings: [{ kind: 'fill', property: 'level', max: 10 }],
  })),
} as unknown as Scene;

describe('values', () => {
  it('come to the nodes in slices, and each round ends though more come meanwhile', () => {
    const model = readModel(scene);
    const world = new World(model);
    const nodes = new Nodes(model, world, new FlowMarks(world.drawn));
    const fill = vi.spyOn(world, 'fill');
    let value = 2;
    nodes.source = {
      read: (): Reading => ({ value, trust: 'good' }), subscribe: () => () => undefined,
    };
    nodes.tell();
    expect(nodes.take(true, 4)).toEqual({ done: false, shadows: false });
    expect(fill).toHaveBeenCalledTimes(4);
    value = 3;
    nodes.tell();
    expect([nodes.take(true, 4).done, nodes.take(true, 4).done]).toEqual([false, true]);
    // The news of meanwhile are a round of their own.
    expect(nodes.busy).toBe(true);
    expect(nodes.take(true).done).toBe(true);
    expect(nodes.busy).toBe(false);
    expect(nodes.states.map((one) => one.fill)).toEqual(Array(10).fill(0.3));
  });
});
