import type { RawNode, Shape } from './data';

// The shapes of docs/twin_scene.md with the sizes that one sets by hand and their standards. What
// else a shape has stands in the JSON.
const sizes: Record<string, Record<string, number>> = {
  box: { width: 1, height: 1, depth: 1 },
  cylinder: { diameter: 1, height: 1 },
  tank: { diameter: 5, height: 4, wall: 0.3 },
  basin: { width: 5, length: 10, depth: 4, wall: 0.3, channels: 1 },
  clarifier: { diameter: 20, depth: 4, wall: 0.3 },
  filter: { width: 4, length: 6, depth: 4, media: 1.2, wall: 0.3, troughs: 2 },
  pipe: { diameter: 0.5, bend: 0 },
  pump: { size: 1 },
  mixer: { diameter: 1.5, height: 3, length: 4 },
  valve: { size: 0.5 },
  building: { width: 10, length: 15, height: 5, roof_height: 2 },
  tower: { height: 40, diameter: 14, shaft: 4, vessel: 8, wall: 0.3 },
  river: { width: 20 },
  area: { height: 0 },
  label: { size: 1 },
  arrow: { length: 4, diameter: 0.5 },
  tree: { height: 8 },
  asset: {},
};

export const kinds = Object.keys(sizes);
export const kindOf = (node: RawNode): string => node.shape?.kind ?? 'group';

export const sizesOf = (kind: string): [string, number][] => Object.entries(sizes[kind] ?? {});

export function sizeOf(shape: Shape, name: string): number {
  const given = shape[name];
  return typeof given === 'number' && Number.isFinite(given)
    ? given : sizes[shape.kind]?.[name] ?? 0;
}

// What a line or an outline must have before it can be drawn.
const points: Record<string, number[][]> = {
  pipe: [[0, 0, 0], [5, 0, 0]], river: [[0, 0, 0], [50, 0, 0]],
  area: [[-5, -5], [5, -5], [5, 5], [-5, 5]],
};

// Another kind of shape: what both have stays, what the new one needs is there.
export function reshaped(before: Shape | undefined, kind: string): Shape | undefined {
  if (kind === 'group') return undefined;
  if (before?.kind === kind) return before;
  const shape: Shape = { kind };
  for (const [name] of sizesOf(kind))
    if (typeof before?.[name] === 'number') shape[name] = before[name];
  if (points[kind]) shape.points = points[kind];
  if (kind === 'label') shape.text = '?';
  if (kind === 'asset') shape.asset = '';
  return shape;
}

const known = ['diameter', 'width', 'length', 'depth', 'height', 'size'];

// "8 × 5" of what makes up its size; lines have their number of points.
export function sizeText(shape: Shape | undefined, number: (value: number) => string): string {
  if (!shape) return '';
  const own = new Set(sizesOf(shape.kind).map(([name]) => name));
  return known.filter((name) => own.has(name))
    .map((name) => (name === 'diameter' ? `⌀ ${number(sizeOf(shape, name))}`
      : number(sizeOf(shape, name)))).join(' × ');
}
