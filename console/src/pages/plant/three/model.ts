import { Box3, Matrix4, Quaternion, Vector3, Euler } from 'three';
import type { Scene, SceneNode } from '../contract';
import type { Bound } from '../model/scene';
import { toYUp, vectorOf, type Shape } from './shapes';
import type { Point } from './mesh';

// A scene read for drawing: what is inherited is resolved, axes are y up, transforms are the
// world's. What is not known is passed over with one word in the browser's debug log.
export interface Item {
  id: string;
  name: string;
  node: SceneNode;
  index: number;
  parent: Item | null;
  layer: string | undefined;
  twin: string | undefined;
  shape: Shape | null;
  world: Matrix4;
  bindings: Bound[];
  selectable: boolean;
  visible: boolean; // by the scene itself, with its parents
}

export interface View { id: string; name?: string; position: Point; target: Point; fov: number }

export interface Surroundings {
  background: string | null;
  ground: { size: [number, number] | null; level: number; colour: string } | null;
  grid: { step: number; colour: string } | null;
  sun: { azimuth: number; elevation: number; intensity: number };
}

export interface Model {
  items: Item[];
  byId: Map<string, Item>;
  views: View[];
  zUp: boolean;
  around: Surroundings;
}

type Loose = Record<string, unknown>;
const loose = (value: unknown): Loose =>
  typeof value === 'object' && value !== null ? (value as Loose) : {};
const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;
const numberOr = (value: unknown, standard: number): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : standard;

const known = new Set(['colour', 'fill', 'spin', 'visible', 'flow', 'label', 'badge']);
const told = new Set<string>();
export function tellOnce(what: string): void {
  if (told.has(what)) return;
  told.add(what);
  console.debug(`plant: ${what} is not known and not drawn`);
}

const turnedUp = new Quaternion().setFromAxisAngle(new Vector3(1, 0, 0), -Math.PI / 2);

// The node's transform within its parent, in axes with y up.
export function localMatrix(node: SceneNode, zUp: boolean): Matrix4 {
  const at = toYUp(vectorOf(node.position, [0, 0, 0]), zUp);
  const turn = new Quaternion();
  if (Array.isArray(node.quaternion) && node.quaternion.length === 4)
    turn.set(...(node.quaternion as [number, number, number, number])).normalize();
  else {
    const [x, y, z] = vectorOf(node.rotation, [0, 0, 0])
      .map((one) => (one * Math.PI) / 180) as Point;
    // About the fixed axes of the parent, x first: the same as about moving axes, z first.
    turn.setFromEuler(new Euler(x, y, z, 'ZYX'));
  }
  // A turn of z-up axes in those of y up: there and back.
  if (zUp) turn.premultiply(turnedUp).multiply(turnedUp.clone().invert());
  const { scale } = node;
  const by = typeof scale === 'number' ? new Vector3(scale, scale, scale)
    : new Vector3(...vectorOf(scale, [1, 1, 1]));
  if (zUp && typeof scale !== 'number') by.set(by.x, by.z, by.y);
  return new Matrix4().compose(new Vector3(...at), turn, by);
}

function bindingsOf(node: SceneNode, twin: string | undefined): Bound[] {
  const out: Bound[] = [];
  for (const one of (node.bindings ?? []) as unknown as Bound[]) {
    if (!known.has(one.kind)) {
      tellOnce(`binding "${one.kind}"`);
      continue;
    }
    const its = one.twin ?? twin;
    if (its) out.push({ ...one, twin: its });
  }
  return out;
}

function readSurroundings(scene: Scene): Surroundings {
  const around = loose(scene.environment);
  const ground = around.ground ? loose(around.ground) : null;
  const grid = around.grid ? loose(around.grid) : null;
  const sun = loose(around.sun);
  const groundSize = ground?.size;
  return {
    background: text(around.background) ?? null,
    ground: ground && {
      size: Array.isArray(groundSize) && groundSize.length === 2
        ? [Number(groundSize[0]), Number(groundSize[1])] : null,
      level: numberOr(ground.level, 0), colour: text(ground.colour) ?? '#b9c4ae',
    },
    grid: grid && { step: numberOr(grid.step, 10), colour: text(grid.colour) ?? '#aab4a0' },
    sun: {
      azimuth: numberOr(sun.azimuth, 150), elevation: numberOr(sun.elevation, 50),
      intensity: numberOr(sun.intensity, 3),
    },
  };
}

function readViews(scene: Scene, zUp: boolean): View[] {
  return ((scene.views ?? []) as unknown[]).map((one) => {
    const view = loose(one);
    return {
      id: text(view.id) ?? '', name: text(view.name), fov: numberOr(view.fov, 45),
      position: toYUp(vectorOf(view.position, [30, 30, 30]), zUp),
      target: toYUp(vectorOf(view.target, [0, 0, 0]), zUp),
    };
  });
}

export function readModel(scene: Scene): Model {
  const zUp = scene.up === 'z';
  const nodes = scene.nodes ?? [];
  const raw = new Map(nodes.map((node, index) => [node.id ?? '', { node, index }]));
  const byId = new Map<string, Item>();
  // Parents first, by asking for them; the server allows 64 ancestors and no circles, the depth
  // guards a scene that never was there.
  const make = (node: SceneNode, index: number, depth: number): Item => {
    const id = node.id ?? '';
    const done = byId.get(id);
    if (done) return done;
    const above = node.parent && depth < 70 ? raw.get(node.parent) : undefined;
    const parent = above ? make(above.node, above.index, depth + 1) : null;
    const twin = node.twin ?? parent?.twin;
    const local = localMatrix(node, zUp);
    const item: Item = {
      id, name: node.name ?? id, node, index, parent, twin, layer: node.layer ?? parent?.layer,
      shape: (node.shape as Shape | undefined) ?? null,
      world: parent ? local.premultiply(parent.world) : local,
      bindings: bindingsOf(node, twin), selectable: node.selectable !== false,
      visible: node.visible !== false && (parent?.visible ?? true),
    };
    byId.set(id, item);
    return item;
  };
  return {
    items: nodes.map((node, index) => make(node, index, 0)),
    byId, zUp,
    views: readViews(scene, zUp),
    around: readSurroundings(scene),
  };
}

// North is -z here; azimuth clockwise from it.
export function sunDirection(azimuth: number, elevation: number): Point {
  const a = (azimuth * Math.PI) / 180;
  const e = (Math.max(elevation, 12) * Math.PI) / 180;
  return [Math.sin(a) * Math.cos(e), Math.sin(e), -Math.cos(a) * Math.cos(e)];
}

export function boxRadius(box: Box3): number {
  return box.isEmpty() ? 20 : box.getSize(new Vector3()).length() / 2;
}
