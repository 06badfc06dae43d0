import type { RawNode, RawScene, Shape, Vector } from './data';
import { sizeOf } from './shapes';

// Scenes as seen from above: x to the right, south (z, or -y where up is z) downwards.
export type Flat = [number, number];
type Matrix = number[]; // 3 x 3, by rows

interface Frame {
  linear: Matrix;
  at: Vector;
}

const still: Frame = { linear: [1, 0, 0, 0, 1, 0, 0, 0, 1], at: [0, 0, 0] };
const ancestorsLimit = 70; // the server allows 64

const times = (a: Matrix, b: Matrix): Matrix => Array.from({ length: 9 }, (_, i) => {
  const row = Math.floor(i / 3) * 3;
  const column = i % 3;
  return (a[row] ?? 0) * (b[column] ?? 0) + (a[row + 1] ?? 0) * (b[column + 3] ?? 0)
    + (a[row + 2] ?? 0) * (b[column + 6] ?? 0);
});

const apply = (m: Matrix, [x, y, z]: Vector): Vector => [0, 3, 6].map((row) =>
  (m[row] ?? 0) * x + (m[row + 1] ?? 0) * y + (m[row + 2] ?? 0) * z) as Vector;

function turned(node: RawNode): Matrix {
  if (node.quaternion) {
    const [x, y, z, w] = node.quaternion;
    return [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w),
      2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w),
      2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)];
  }
  const [a, b, c] = (node.rotation ?? [0, 0, 0]).map((one) => (one * Math.PI) / 180) as Vector;
  const about = (sin: number, cos: number, axis: 0 | 1 | 2): Matrix => [
    [1, 0, 0, 0, cos, -sin, 0, sin, cos], [cos, 0, sin, 0, 1, 0, -sin, 0, cos],
    [cos, -sin, 0, sin, cos, 0, 0, 0, 1]][axis] as Matrix;
  // About the fixed axes, first x, then y, then z.
  return times(about(Math.sin(c), Math.cos(c), 2),
    times(about(Math.sin(b), Math.cos(b), 1), about(Math.sin(a), Math.cos(a), 0)));
}

function frameOf(node: RawNode, parent: Frame): Frame {
  const scale = node.scale ?? 1;
  const [x, y, z] = typeof scale === 'number' ? [scale, scale, scale] : scale;
  const at = apply(parent.linear, node.position ?? [0, 0, 0]);
  return {
    linear: times(parent.linear, times(turned(node), [x, 0, 0, 0, y, 0, 0, 0, z])),
    at: at.map((one, i) => one + (parent.at[i] ?? 0)) as Vector,
  };
}

// The frames of all nodes in the scene; one whose parents lead in a circle stands by itself.
export function framesOf(scene: RawScene): Map<string, Frame> {
  const byId = new Map(scene.nodes.map((node) => [node.id, node]));
  const frames = new Map<string, Frame>();
  const find = (node: RawNode, depth: number): Frame => {
    const known = frames.get(node.id);
    if (known) return known;
    const parent = node.parent ? byId.get(node.parent) : undefined;
    const frame = frameOf(node, parent && depth < ancestorsLimit
      ? find(parent, depth + 1) : still);
    frames.set(node.id, frame);
    return frame;
  };
  for (const node of scene.nodes) find(node, 0);
  return frames;
}

export const flat = ([x, y, z]: Vector, up: RawScene['up']): Flat =>
  (up === 'z' ? [x, -y] : [x, z]);

// A move on the plan as a move of the node's position, within its parent's frame.
export function moveOf(parent: Frame | undefined, [right, down]: Flat, up: RawScene['up']): Vector {
  const world: Vector = up === 'z' ? [right, -down, 0] : [right, 0, down];
  const m = (parent ?? still).linear as [number, number, number, number, number, number, number,
    number, number];
  const [a, b, c, d, e, f, g, h, i] = m;
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (Math.abs(det) < 1e-12) return [0, 0, 0];
  return apply([e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g,
    c * d - a * f, d * h - e * g, b * g - a * h, a * e - b * d].map((one) => one / det), world);
}

export const grid = 0.01; // m, positions are rounded to it

export const moved = (node: RawNode, by: Vector): Vector =>
  (node.position ?? [0, 0, 0]).map((one, i) =>
    Math.round((one + (by[i] ?? 0)) / grid) / (1 / grid)) as Vector;

export interface Outline {
  points: Flat[];
  closed: boolean;
  width: number; // of a line, m
}

const corners = 28; // of a circle

const round = (diameter: number): Flat[] => Array.from({ length: corners }, (_, i) => {
  const angle = (i / corners) * 2 * Math.PI;
  return [(Math.cos(angle) * diameter) / 2, (Math.sin(angle) * diameter) / 2];
});
const oblong = (along: number, across: number): Flat[] =>
  [[-along / 2, -across / 2], [along / 2, -across / 2], [along / 2, across / 2],
    [-along / 2, across / 2]];

const numbers = (value: unknown): number[][] => (Array.isArray(value)
  ? value.filter((one): one is number[] => Array.isArray(one) && one.every(Number.isFinite)) : []);

// The shape's outline about its own origin; lines as they run.
function ownOutline(shape: Shape, up: RawScene['up']): Outline {
  const size = (name: string) => sizeOf(shape, name);
  const closed = (points: Flat[]): Outline => ({ points, closed: true, width: 0 });
  const line = (width: number): Outline => ({
    points: numbers(shape.points).map((one) =>
      flat([one[0] ?? 0, one[1] ?? 0, one[2] ?? 0], up)), closed: false, width,
  });
  switch (shape.kind) {
    case 'box': return closed(oblong(size('width'), size('depth')));
    case 'basin': case 'filter': case 'building':
      return closed(oblong(size('width'), size('length')));
    case 'tank': return closed(shape.lying === true
      ? oblong(size('height'), size('diameter')) : round(size('diameter')));
    case 'cylinder': case 'clarifier': case 'tower': return closed(round(size('diameter')));
    case 'mixer': return closed(shape.form === 'paddle'
      ? oblong(size('length'), size('diameter')) : round(size('diameter')));
    case 'pump': return closed(oblong(size('size'), size('size') * 0.4));
    case 'valve': return closed(oblong(size('size'), size('size') * 0.6));
    case 'tree': return closed(round(size('height') * 0.6));
    case 'arrow': return { points: [[0, 0], [size('length'), 0]], closed: false,
      width: size('diameter') };
    case 'pipe': return line(size('diameter'));
    case 'river': return line(size('width'));
    case 'area': return closed(numbers(shape.points).map((one) =>
      [one[0] ?? 0, up === 'z' ? -(one[1] ?? 0) : one[1] ?? 0]));
    default: return closed(oblong(2, 2));
  }
}

// Where it lies in the scene; null for what has no extent (groups, and labels, which are texts).
export function outlineOf(node: RawNode, frame: Frame, up: RawScene['up']): Outline | null {
  if (!node.shape || node.shape.kind === 'label') return null;
  const own = ownOutline(node.shape, up);
  const points = own.points.map(([a, b]): Flat => {
    const turnedPoint = apply(frame.linear, up === 'z' ? [a, -b, 0] : [a, 0, b]);
    return flat(turnedPoint.map((one, i) => one + (frame.at[i] ?? 0)) as Vector, up);
  });
  return points.length < 2 ? null : { ...own, points };
}

export interface Box { x: number; y: number; width: number; height: number }

// What has to be seen to see all, with a margin; land and town outside the works count too.
export function boxOf(points: Flat[]): Box {
  if (!points.length) return { x: -20, y: -20, width: 40, height: 40 };
  let [left, top] = points[0] as Flat;
  let [right, bottom] = points[0] as Flat;
  for (const [x, y] of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const margin = Math.max(5, (right - left + bottom - top) * 0.03);
  return { x: left - margin, y: top - margin, width: right - left + 2 * margin,
    height: bottom - top + 2 * margin };
}

export function zoomed(box: Box, factor: number, [x, y]: Flat): Box {
  const width = Math.min(1e6, Math.max(2, box.width * factor));
  const by = width / box.width;
  return { x: x - (x - box.x) * by, y: y - (y - box.y) * by, width, height: box.height * by };
}

export type { Frame };
