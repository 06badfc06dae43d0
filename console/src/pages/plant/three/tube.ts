import { cross, dot, Mesh, minus, plus, size, times, unit, type Flat, type Point } from './mesh';

// What runs along points: pipes, bands, and outlines; and the skin on which flow is drawn.
export interface Station { place: Point; along: Point; at: number } // `at`: metres from the begin

function differing(given: readonly Point[]): Point[] {
  const points: Point[] = [];
  for (const point of given) {
    const last = points[points.length - 1];
    if (!last || size(minus(point, last)) > 1e-6) points.push(point);
  }
  const first = points[0] ?? [0, 0, 0];
  return points.length < 2 ? [first, plus(first, [0.001, 0, 0])] : points;
}

const across = (along: Point): Point =>
  unit(cross(along, Math.abs(along[1]) < 0.9 ? [0, 1, 0] : [1, 0, 0]));

// The arc at a corner, as stations without their metres.
function bendAt(
  before: Point, corner: Point, after: Point, bend: number, segments: number,
): Omit<Station, 'at'>[] {
  const arriving = minus(corner, before);
  const leaving = minus(after, corner);
  const d0 = unit(arriving);
  const d1 = unit(leaving);
  const angle = Math.acos(Math.min(1, Math.max(-1, dot(d0, d1))));
  if (angle < 1e-4) return [];
  const half = Math.tan(Math.min(angle, 3.1) / 2);
  const tangent = Math.min(bend * half, 0.49 * size(arriving), 0.49 * size(leaving));
  const radius = tangent / half;
  const begin = minus(corner, times(d0, tangent));
  const inward = angle > 3.1 ? across(d0) : unit(minus(d1, times(d0, dot(d0, d1))));
  const steps = Math.max(2, Math.ceil(((angle / Math.PI) * segments) / 2));
  const out: Omit<Station, 'at'>[] = [];
  for (let step = 0; step <= steps; step += 1) {
    const turned = (angle * step) / steps;
    out.push({
      place: plus(begin, plus(times(d0, radius * Math.sin(turned)),
        times(inward, radius * (1 - Math.cos(turned))))),
      along: unit(plus(times(d0, Math.cos(turned)), times(inward, Math.sin(turned)))),
    });
  }
  return out;
}

// The axis of a pipe: points where it is straight, and arcs for its bends.
export function axisOf(given: readonly Point[], bend: number, segments: number): Station[] {
  const points = differing(given);
  const first = points[0] as Point;
  const last = points[points.length - 1] as Point;
  const bare: Omit<Station, 'at'>[] = [
    { place: first, along: unit(minus(points[1] as Point, first)) },
  ];
  for (let i = 1; i + 1 < points.length; i += 1)
    bare.push(...bendAt(points[i - 1] as Point, points[i] as Point, points[i + 1] as Point, bend,
      segments));
  bare.push({ place: last, along: unit(minus(last, points[points.length - 2] as Point)) });
  let at = 0;
  return bare.map((one, i) => {
    const before = bare[i - 1];
    if (before) at += size(minus(one.place, before.place));
    return { ...one, at };
  });
}

// Calls for each station with its ring of points around the axis; the frame does not twist.
function sweep(
  axis: Station[], radius: number, segments: number, closed: boolean,
  call: (station: Station, index: number, ring: { at: Point; out: Point }[]) => void,
): void {
  let side = across((axis[0] as Station).along);
  axis.forEach((station, index) => {
    const { along } = station;
    side = minus(side, times(along, dot(side, along)));
    side = size(side) > 1e-6 ? unit(side) : across(along);
    const other = cross(along, side);
    const ring: { at: Point; out: Point }[] = [];
    for (let k = 0; k < segments + (closed ? 1 : 0); k += 1) {
      const angle = (2 * Math.PI * k) / segments;
      const out = plus(times(side, Math.cos(angle)), times(other, Math.sin(angle)));
      ring.push({ at: plus(station.place, times(out, radius)), out });
    }
    call(station, index, ring);
  });
}

function addCap(mesh: Mesh, station: Station, ring: Point[], front: boolean): void {
  const normal = times(station.along, front ? 1 : -1);
  const middle = mesh.vertex(station.place, normal);
  const first = mesh.vertices;
  for (const point of ring) mesh.vertex(point, normal);
  for (let i = 0; i < ring.length; i += 1) {
    const j = (i + 1) % ring.length;
    if (front) mesh.triangle(middle, first + i, first + j);
    else mesh.triangle(middle, first + j, first + i);
  }
}

// A round tube along points with bends, ends closed.
export function pipeMesh(
  points: readonly Point[], radius: number, bend: number, segments: number,
): Mesh {
  const axis = axisOf(points, bend, segments);
  const mesh = new Mesh();
  let first: Point[] = [];
  let last: Point[] = [];
  sweep(axis, radius, segments, false, (_, index, ring) => {
    for (const { at, out } of ring) mesh.vertex(at, out);
    last = ring.map(({ at }) => at);
    if (index === 0) {
      first = last;
      return;
    }
    const b = index * segments;
    const a = b - segments;
    for (let k = 0; k < segments; k += 1) {
      const next = (k + 1) % segments;
      mesh.triangle(a + k, a + next, b + next);
      mesh.triangle(a + k, b + next, b + k);
    }
  });
  addCap(mesh, axis[0] as Station, first, false);
  addCap(mesh, axis[axis.length - 1] as Station, last, true);
  return mesh;
}

// A skin along an axis: each vertex knows its metres along and its share around (0 to 1).
export interface Skin { mesh: Mesh; along: number[]; around: number[]; length: number }

export function tubeSkin(
  points: readonly Point[], radius: number, bend: number, segments: number,
): Skin {
  const axis = axisOf(points, bend, segments);
  const mesh = new Mesh();
  const along: number[] = [];
  const around: number[] = [];
  sweep(axis, radius, segments, true, (station, index, ring) => {
    ring.forEach(({ at, out }, k) => {
      mesh.vertex(at, out);
      along.push(station.at);
      around.push(k / segments);
    });
    if (index === 0) return;
    const b = index * (segments + 1);
    const a = b - segments - 1;
    for (let k = 0; k < segments; k += 1) {
      mesh.triangle(a + k, a + k + 1, b + k + 1);
      mesh.triangle(a + k, b + k + 1, b + k);
    }
  });
  return { mesh, along, around, length: (axis[axis.length - 1] as Station).at };
}

// A band of that width along points, seen from above; open.
export function bandSkin(points: readonly Point[], width: number): Skin {
  const mesh = new Mesh();
  const along: number[] = [];
  const around: number[] = [];
  let at = 0;
  points.forEach((point, i) => {
    const before = points[Math.max(0, i - 1)] as Point;
    const after = points[Math.min(points.length - 1, i + 1)] as Point;
    const way = minus(after, before);
    way[1] = 0;
    const d: Point = size(way) > 1e-9 ? unit(way) : [1, 0, 0];
    const side: Point = [(-d[2] * width) / 2, 0, (d[0] * width) / 2]; // to the right
    if (i > 0) at += size(minus(point, before));
    mesh.vertex(minus(point, side), [0, 1, 0]);
    mesh.vertex(plus(point, side), [0, 1, 0]);
    along.push(at, at);
    around.push(0, 1);
    if (i === 0) return;
    const a = 2 * i - 2;
    mesh.triangle(a, a + 1, a + 3);
    mesh.triangle(a, a + 3, a + 2);
  });
  return { mesh, along, around, length: at };
}

const turn = (a: Flat, b: Flat, c: Flat): number =>
  (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

const within = (p: Flat, a: Flat, b: Flat, c: Flat): boolean =>
  turn(a, b, p) >= 0 && turn(b, c, p) >= 0 && turn(c, a, p) >= 0;

// Ear clipping of an outline that runs counter-clockwise in (x, z); outlines have 256 corners at
// most, so its n^3 is bounded.
function trianglesOf(outline: Flat[]): [number, number, number][] {
  const open = outline.map((_, i) => i);
  const out: [number, number, number][] = [];
  let at = 0;
  let withoutEar = 0;
  while (open.length > 3) {
    const n = open.length;
    const three = [open[(at + n - 1) % n], open[at % n], open[(at + 1) % n]] as
      [number, number, number];
    const [a, b, c] = three.map((i) => outline[i]) as [Flat, Flat, Flat];
    const ear = turn(a, b, c) > 0
      && !open.some((i) => !three.includes(i) && within(outline[i] as Flat, a, b, c));
    if (!ear && withoutEar < n) {
      at += 1;
      withoutEar += 1;
      continue;
    }
    // An outline that cuts itself has no ear at last: any corner must do.
    out.push(three);
    open.splice(at % n, 1);
    withoutEar = 0;
    if (at > 0) at -= 1;
  }
  out.push(open as [number, number, number]);
  return out;
}

function tidyOutline(given: readonly Flat[]): Flat[] {
  const same = (a: Flat | undefined, b: Flat | undefined) => a?.[0] === b?.[0] && a?.[1] === b?.[1];
  const out = given.filter((corner, i) => i === 0 || !same(corner, given[i - 1]));
  while (out.length > 1 && same(out[0], out[out.length - 1])) out.pop();
  const area = out.reduce((sum, a, i) => {
    const b = out[(i + 1) % out.length] as Flat;
    return sum + a[0] * b[1] - b[0] * a[1];
  }, 0);
  return area < 0 ? out.reverse() : out;
}

// The outline (x, z) at y = 0, up to `height`; at 0 seen from above and open.
export function outlineMesh(given: readonly Flat[], height: number): Mesh {
  const mesh = new Mesh();
  const outline = tidyOutline(given);
  if (outline.length < 3) return mesh;
  const face = (y: number, up: boolean) => {
    const first = mesh.vertices;
    for (const [x, z] of outline) mesh.vertex([x, y, z], [0, up ? 1 : -1, 0]);
    for (const [a, b, c] of trianglesOf(outline))
      if (up) mesh.triangle(first + a, first + c, first + b);
      else mesh.triangle(first + a, first + b, first + c);
  };
  face(height, true);
  if (height <= 0) return mesh;
  face(0, false);
  outline.forEach(([ax, az], i) => {
    const [bx, bz] = outline[(i + 1) % outline.length] as Flat;
    mesh.quad([bx, 0, bz], [ax, 0, az], [ax, height, az], [bx, height, bz]);
  });
  return mesh;
}
