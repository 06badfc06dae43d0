import { describe, expect, it } from 'vitest';
import { nameOfFile } from './AssetFiles';
import type { RawNode, RawScene } from './data';
import {
  addNode, belowNode, changeNode, changesOf, dropNode, merged, renameNode, spoken,
} from './draft';
import { boxOf, framesOf, moved, moveOf, outlineOf, zoomed } from './plan';
import { parsed } from './SceneJson';
import { reshaped, sizeText } from './shapes';

const scene = (nodes: RawNode[], more: Partial<RawScene> = {}): RawScene =>
  ({ format: 'headworks-scene/1', nodes, ...more });
const base = scene([
  { id: 'hall', position: [10, 0, 0], rotation: [0, 90, 0] },
  { id: 'tank1', parent: 'hall', position: [4, 0, 0], shape: { kind: 'tank', diameter: 8 } },
  { id: 'pipe1', shape: { kind: 'pipe', points: [[0, 0, 0], [4, 0, 0]] },
    schematic: { from: 'tank1', to: 'hall' } },
]);
const node = (of: RawScene, id: string) => of.nodes.find((one) => one.id === id) as RawNode;

describe('changes of a scene', () => {
  it('leave the old one as it was, and what is empty out', () => {
    const next = changeNode(base, 'tank1', { twin: 'w/t1', name: '' });
    expect(node(next, 'tank1')).toEqual({ ...node(base, 'tank1'), twin: 'w/t1' });
    expect(node(base, 'tank1')).not.toHaveProperty('twin');
    expect(next.nodes[0]).toBe(base.nodes[0]);
  });
  it('rename and remove a node with all that leans on it', () => {
    const next = renameNode(base, 'hall', 'hall2');
    expect(node(next, 'tank1').parent).toBe('hall2');
    expect(node(next, 'pipe1').schematic).toEqual({ from: 'tank1', to: 'hall2' });
    expect(belowNode(base, 'hall')).toEqual(['hall', 'tank1']);
    expect(dropNode(base, 'hall').nodes).toEqual(
      [{ id: 'pipe1', shape: node(base, 'pipe1').shape }]);
  });
  it('copy under a free id', () => {
    const made = addNode(base, [1, 0, 1], node(base, 'tank1'));
    expect(made.id).toBe('tank2');
    expect(node(made.scene, 'tank2')).toMatchObject({ position: [1, 0, 1], parent: 'hall' });
  });
  it('are told by node and member', () => {
    const next = dropNode(changeNode({ ...base, up: 'z' }, 'tank1', { twin: 'x' }), 'pipe1');
    expect(changesOf(base, next)).toEqual([
      { id: '', what: 'changed', members: ['up'] },
      { id: 'tank1', what: 'changed', members: ['twin'] },
      { id: 'pipe1', what: 'removed', members: [] }]);
    expect(changesOf(base, JSON.parse(JSON.stringify(base)) as RawScene)).toEqual([]);
  });
  it('of two people stand together, and where both changed the same mine holds and is told', () => {
    const mine = changeNode(base, 'tank1', { position: [5, 0, 0] });
    const theirs = changeNode(changeNode(base, 'tank1', { twin: 'w/t1' }), 'hall',
      { position: [0, 0, 0] });
    const one = merged(base, mine, theirs);
    expect(one.clashes).toEqual([]);
    expect(node(one.scene, 'tank1')).toMatchObject({ position: [5, 0, 0], twin: 'w/t1' });
    expect(node(one.scene, 'hall').position).toEqual([0, 0, 0]);
    const two = merged(base, mine, changeNode(base, 'tank1', { position: [6, 0, 0] }));
    expect(two.clashes).toEqual(['tank1.position']);
    expect(node(two.scene, 'tank1').position).toEqual([5, 0, 0]);
    expect(merged(base, dropNode(base, 'pipe1'), changeNode(base, 'pipe1', { twin: 'x' })).clashes)
      .toEqual(['pipe1']);
  });
  it('name in one language more', () => {
    expect(spoken('Tank', 'zh', '罐')).toBe('罐');
    expect(spoken({ en: 'Tank' }, 'zh', '罐')).toEqual({ en: 'Tank', zh: '罐' });
    expect(spoken({ en: 'Tank', 'zh-Hans': '桶' }, 'zh', '罐'))
      .toEqual({ en: 'Tank', 'zh-Hans': '罐' });
    expect(spoken({ en: 'Tank' }, 'en', '')).toBeUndefined();
  });
});

describe('the plan', () => {
  it('knows where a node lies within a turned parent', () => {
    const at = framesOf(base).get('tank1')?.at.map((one) => Math.round(one * 1e6) / 1e6);
    // Turned by 90 degrees about y, x of the parent leads to -z.
    expect(at).toEqual([10, 0, -4]);
  });
  it('moves it on the plan as one sees it', () => {
    const parent = framesOf(base).get('hall');
    const next = changeNode(base, 'tank1',
      { position: moved(node(base, 'tank1'), moveOf(parent, [2, 1], 'y')) });
    const at = framesOf(next).get('tank1')?.at.map((one) => Math.round(one * 100) / 100);
    expect(at).toEqual([12, 0, -3]);
  });
  it('has south downwards where up is z', () => {
    expect(moveOf(undefined, [1, 2], 'z')).toEqual([1, -2, 0]);
    const up = scene([{ id: 'a', position: [0, 5, 0], shape: { kind: 'box', width: 2, depth: 2 } }],
      { up: 'z' });
    const points = outlineOf(up.nodes[0] as RawNode, framesOf(up).get('a') as never, 'z')?.points;
    expect(Math.max(...(points ?? []).map((one) => one[1]))).toBe(-4);
  });
  it('stands parents in a circle by themselves', () => {
    const round = scene([{ id: 'a', parent: 'b' }, { id: 'b', parent: 'a' }]);
    expect([...framesOf(round).keys()].sort()).toEqual(['a', 'b']);
  });
  it('zooms about a point, and shows all', () => {
    const box = boxOf([[0, 0], [100, 50]]);
    expect(box.x).toBeLessThan(0);
    const near = zoomed(box, 0.5, [0, 0]);
    expect((0 - near.x) / near.width).toBeCloseTo((0 - box.x) / box.width);
    expect(boxOf([]).width).toBe(40);
  });
});

describe('a shape', () => {
  it('of another kind keeps what both have and gets what it needs', () => {
    expect(reshaped({ kind: 'tank', diameter: 8, wall: 0.5, roof: 'dome' }, 'cylinder'))
      .toEqual({ kind: 'cylinder', diameter: 8 });
    expect(reshaped(undefined, 'pipe')?.points).toHaveLength(2);
    expect(reshaped({ kind: 'tank' }, 'group')).toBeUndefined();
  });
  it('tells its size with the standards', () => {
    expect(sizeText({ kind: 'tank', diameter: 8 }, String)).toBe('⌀ 8 × 4');
    expect(sizeText(undefined, String)).toBe('');
  });
});

describe('texts and files', () => {
  it('are taken as a scene only with ids', () => {
    expect(parsed('{"format":"x"}')?.nodes).toEqual([]);
    for (const text of ['', '[]', '{"nodes":[{}]}', '{"nodes":3}']) expect(parsed(text)).toBeNull();
  });
  it('have names that are ids', () => {
    expect(nameOfFile('My pump (2).glb')).toBe('My_pump_2.glb');
    expect(nameOfFile('滤池.gltf')).toMatch(/^[-\w.:]+$/);
  });
});
