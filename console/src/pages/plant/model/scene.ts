import type { Scene, SceneNode } from '../contract';

// The parts of a scene (docs/twin_scene.md) that the API's description leaves open, typed.
export type Scalar = number | string | boolean;

export interface When {
  op: '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in';
  value?: Scalar;
  values?: Scalar[];
}

export interface Binding {
  kind: 'colour' | 'fill' | 'spin' | 'visible' | 'flow' | 'label' | 'badge';
  property: string;
  twin?: string;
  part?: string;
  stops?: [number, string][];
  smooth?: boolean;
  values?: Record<string, string>;
  min?: number;
  max?: number;
  factor?: number;
  format?: string;
  unit?: string;
  when?: When;
  severity?: 'warning' | 'info' | 'high' | 'urgent';
  text?: string;
}

export type Side = 'below' | 'above' | 'left' | 'right' | 'inside' | 'none';
export type Point = [number, number];

export interface Schematic {
  position?: Point;
  symbol?: string;
  size?: Point;
  rotation?: string | number;
  label?: Side;
  path?: Point[];
  from?: string;
  to?: string;
}

export interface View { id: string; name?: string }
export interface Layer { id: string; name?: string; visible?: boolean }

// A binding whose twin is known.
export type Bound = Binding & { twin: string };

export interface Item {
  id: string;
  name: string;
  node: SceneNode;
  twin: string | undefined;
  layer: string | undefined;
  kind: string; // of the shape, 'group' without one
  bindings: Bound[];
  selectable: boolean;
}

export interface SceneModel {
  scene: Scene;
  items: Item[];
  byId: Map<string, Item>;
  views: View[];
  layers: Layer[];
  sheet: Point | undefined;
  // "twin\nproperty" of all bindings, and the twins alone.
  bound: string[];
  twins: string[];
}

export const keyOf = (twin: string, property: string): string => `${twin}\n${property}`;

export function schematicOf(node: SceneNode): Schematic | undefined {
  return node.schematic as unknown as Schematic | undefined;
}

// Resolves what is inherited: twin, layer; names; and what is bound at all.
export function readScene(scene: Scene): SceneModel {
  const nodes = scene.nodes ?? [];
  const raw = new Map(nodes.map((node) => [node.id ?? '', node]));
  const inherited = (node: SceneNode, of: 'twin' | 'layer'): string | undefined => {
    let at: SceneNode | undefined = node;
    // The server allows 64 ancestors and no circles; the count guards a scene that never was there.
    for (let depth = 0; at && depth < 70; depth += 1) {
      if (at[of]) return at[of];
      at = at.parent ? raw.get(at.parent) : undefined;
    }
    return undefined;
  };
  const bound = new Set<string>();
  const twins = new Set<string>();
  const items = nodes.map((node): Item => {
    const twin = inherited(node, 'twin');
    const bindings: Bound[] = [];
    for (const one of (node.bindings ?? []) as unknown as Binding[]) {
      const its = one.twin ?? twin;
      if (!its) continue;
      bindings.push({ ...one, twin: its });
      bound.add(keyOf(its, one.property));
      twins.add(its);
    }
    return {
      id: node.id ?? '', name: node.name ?? node.id ?? '', node, twin,
      layer: inherited(node, 'layer'), kind: node.shape?.kind ?? 'group', bindings,
      selectable: node.selectable !== false,
    };
  });
  const sheet = (scene.schematic as unknown as { size?: Point } | undefined)?.size;
  return {
    scene, items, byId: new Map(items.map((item) => [item.id, item])),
    views: (scene.views ?? []) as unknown as View[],
    layers: (scene.layers ?? []) as unknown as Layer[],
    sheet, bound: [...bound], twins: [...twins],
  };
}

// What an operator calls equipment: it has values and is no pipe and no drawing aid. `line`s of the
// schematic and labels are shown but not listed.
const aids = new Set(['pipe', 'river', 'label', 'arrow', 'tree', 'group']);
export const isEquipment = (item: Item): boolean =>
  item.selectable && item.bindings.length > 0
  && (!aids.has(item.kind) || item.kind === 'river');

// The longest common beginning of ids by whole levels: what to subscribe to, or "" for everything.
export function commonPrefix(ids: string[]): string {
  const [first, ...rest] = ids;
  if (first === undefined) return '';
  let levels = first.split('/');
  for (const id of rest) {
    const other = id.split('/');
    let same = 0;
    while (same < levels.length && levels[same] === other[same]) same += 1;
    levels = levels.slice(0, same);
  }
  return levels.join('/');
}
