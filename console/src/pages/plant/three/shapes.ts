import { Mesh, type Detail, type Flat, type Point } from './mesh';
import { drawings } from './drawings';
import type { Skin } from './tube';

// A built-in shape (docs/twin_scene.md) as meshes: y up, metres, standing on the origin.
export type Tint = 'body' | 'water' | 'fixed';
export type Finish = 'matte' | 'metal' | 'flat'; // flat: seen from both sides, casts no shadow

export interface Surface {
  mesh: Mesh;
  tint: Tint;
  colour: string; // before any binding: #rrggbb, or @member of the shape
  finish: Finish;
  opacity: number;
}

export interface ShapeModel {
  body: Surface[];
  // What turns, about the axis through `rotorAt`.
  rotor: Surface[];
  rotorAt: Point;
  rotorAxis: Point;
  // What a fill moves: of height 1, to be stretched along y by `waterHeight` times the fill.
  water: Surface | null;
  waterAt: Point;
  waterHeight: number;
  level: number; // 0 to 1, without a binding
  flow: Skin | null; // where marks of a flow move
}

export type Shape = { kind: string } & Record<string, unknown>;

// Standards of docs/twin_scene.md, by kind and member.
const numbers: Record<string, Record<string, number>> = {
  box: { width: 1, height: 1, depth: 1, opacity: 1 },
  cylinder: { diameter: 1, height: 1, opacity: 1 },
  tank: { diameter: 5, height: 4, wall: 0.3, level: 0.75, opacity: 1 },
  basin: { width: 5, length: 10, depth: 4, wall: 0.3, channels: 1, level: 0.75, opacity: 1 },
  clarifier: { diameter: 20, depth: 4, wall: 0.3, level: 0.75, opacity: 1 },
  filter: { width: 4, length: 6, depth: 4, media: 1.2, wall: 0.3, troughs: 2, level: 0.75,
    opacity: 1 },
  pipe: { diameter: 0.5, bend: 0, opacity: 1 },
  pump: { size: 1 },
  mixer: { diameter: 1.5, height: 3, length: 4 },
  valve: { size: 0.5 },
  building: { width: 10, length: 15, height: 5, roof_height: 2, opacity: 1 },
  tower: { height: 40, diameter: 14, shaft: 4, vessel: 8, wall: 0.3, level: 0.75 },
  river: { width: 20, opacity: 1 },
  area: { height: 0, opacity: 1 },
  arrow: { length: 4, diameter: 0.5, opacity: 1 },
  tree: { height: 8 },
};

const wordsOf: Record<string, Record<string, string>> = {
  box: { colour: '#b8bec6' },
  cylinder: { colour: '#b8bec6' },
  tank: { roof: 'none', colour: '#c5cbd1', water: '#4f93c4' },
  basin: { colour: '#b9b5ab', water: '#4f93c4' },
  clarifier: { colour: '#b9b5ab', water: '#4f93c4' },
  filter: { colour: '#b9b5ab', sand: '#d0b483', water: '#4f93c4' },
  pipe: { colour: '#5b87a6' },
  pump: { form: 'horizontal', colour: '#3f6f8f', motor: '#7d8790' },
  mixer: { form: 'propeller', colour: '#6d7780' },
  valve: { drive: 'hand', colour: '#8a4b3c' },
  building: { roof: 'flat', colour: '#d9d4c7', roof_colour: '#8b6a5c' },
  tower: { colour: '#c9ced4', water: '#4f93c4' },
  river: { colour: '#5d9cc0' },
  area: { colour: '#a8b59a' },
  arrow: { colour: '#2f7fb5' },
  tree: { form: 'round', colour: '#6f8f5f' },
};

export const isDrawn = (kind: string): boolean => Object.hasOwn(numbers, kind);

const isColour = (value: unknown): value is string =>
  typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value);

// A surface's colour for one node's shape.
export function colourOf(shape: Shape, colour: string): string {
  if (!colour.startsWith('@')) return colour;
  const name = colour.slice(1);
  const given = shape[name];
  return isColour(given) ? given : wordsOf[shape.kind]?.[name] ?? '#8c949c';
}

export const toYUp = (p: Point, zUp: boolean): Point => (zUp ? [p[0], p[2], -p[1]] : p);

export function vectorOf(value: unknown, standard: Point): Point {
  if (!Array.isArray(value) || value.length < 3) return standard;
  const [x, y, z] = value.map(Number) as Point;
  return [x, y, z].every(Number.isFinite) ? [x, y, z] : standard;
}

// Reads a shape's members with their standards, and gathers surfaces.
export class Maker {
  readonly model: ShapeModel = {
    body: [], rotor: [], rotorAt: [0, 0, 0], rotorAxis: [0, 1, 0], water: null,
    waterAt: [0, 0, 0], waterHeight: 0, level: 0, flow: null,
  };

  constructor(readonly shape: Shape, readonly detail: Detail, readonly zUp: boolean) {}

  number(name: string): number {
    const given = this.shape[name];
    return typeof given === 'number' && Number.isFinite(given)
      ? given : numbers[this.shape.kind]?.[name] ?? 0;
  }
  flag(name: string, standard = false): boolean {
    const given = this.shape[name];
    return typeof given === 'boolean' ? given : standard;
  }
  word(name: string): string {
    const given = this.shape[name];
    return typeof given === 'string' ? given : wordsOf[this.shape.kind]?.[name] ?? '';
  }
  // By name: a geometry is shared by nodes of different colours (colourOf).
  colour(name: string): string {
    return `@${name}`;
  }
  opacity(): number {
    return Object.hasOwn(numbers[this.shape.kind] ?? {}, 'opacity') ? this.number('opacity') : 1;
  }
  points(): Point[] {
    const given = Array.isArray(this.shape.points) ? (this.shape.points as unknown[]) : [];
    const out = given.map((one) => toYUp(vectorOf(one, [0, 0, 0]), this.zUp));
    return out.length >= 2 ? out : [[0, 0, 0], [1, 0, 0]];
  }
  outline(): Flat[] {
    const given = Array.isArray(this.shape.points) ? (this.shape.points as unknown[]) : [];
    return given.filter((one): one is number[] => Array.isArray(one) && one.length >= 2)
      .map((one) => [Number(one[0]), this.zUp ? -Number(one[1]) : Number(one[1])]);
  }

  body(mesh: Mesh, finish: Finish = 'matte'): void {
    this.model.body.push({ mesh, tint: 'body', colour: this.colour('colour'), finish,
      opacity: this.opacity() });
  }
  fixed(mesh: Mesh, colour: string, finish: Finish = 'matte', opacity = this.opacity()): void {
    this.model.body.push({ mesh, tint: 'fixed', colour, finish, opacity });
  }
  rotor(mesh: Mesh, tint: Tint, at: Point, axis: Point): void {
    this.model.rotor.push({ mesh, tint, finish: 'metal', opacity: 1,
      colour: tint === 'body' ? this.colour('colour') : '#5a626a' });
    this.model.rotorAt = at;
    this.model.rotorAxis = axis;
  }
  water(mesh: Mesh, at: Point, height: number): void {
    this.model.water = { mesh, tint: 'water', colour: this.colour('water'), finish: 'metal',
      opacity: 0.86 };
    this.model.waterAt = at;
    this.model.waterHeight = height;
    this.model.level = Math.min(1, Math.max(0, this.number('level')));
  }
}

const smooth = (from: number, to: number, x: number): number => {
  const t = Math.min(1, Math.max(0, (x - from) / (to - from || 1)));
  return t * t * (3 - 2 * t);
};

const lying = new Set(['area', 'river', 'pipe', 'arrow']);

// The sky reaches the foot of what stands on the ground less than its top.
function groundShade(model: ShapeModel): void {
  let top = 0;
  for (const { mesh } of model.body)
    for (let i = 1; i < mesh.positions.length; i += 3)
      top = Math.max(top, mesh.positions[i] ?? 0);
  const reach = Math.min(3, Math.max(0.2, top * 0.7));
  for (const { mesh } of model.body) mesh.shaded((_, y) => 0.74 + 0.26 * smooth(0, reach, y));
}

// What looks the same becomes one: each surface is an instance to draw.
function merged(surfaces: Surface[]): Surface[] {
  const out: Surface[] = [];
  for (const one of surfaces) {
    const same = out.find((known) => known.tint === one.tint && known.colour === one.colour
      && known.finish === one.finish && known.opacity === one.opacity);
    if (same) same.mesh.add(one.mesh);
    else out.push({ ...one });
  }
  return out;
}

// Nothing for a kind that is not known, a label or an asset.
export function shapeModel(shape: Shape, detail: Detail, zUp: boolean): ShapeModel | null {
  const draw = isDrawn(shape.kind) ? drawings[shape.kind] : undefined;
  if (!draw) return null;
  const maker = new Maker(shape, detail, zUp);
  draw(maker);
  const { model } = maker;
  if (!lying.has(shape.kind)) groundShade(model);
  model.body = merged(model.body);
  model.rotor = merged(model.rotor);
  return model;
}

// The same for all shapes whose geometry is the same, whatever their colours and levels.
export function geometryKey(shape: Shape): string {
  return JSON.stringify(Object.keys(shape)
    .filter((name) => !/colour|^water$|^sand$|^motor$|^level$/.test(name))
    .sort()
    .map((name) => [name, shape[name]]));
}
