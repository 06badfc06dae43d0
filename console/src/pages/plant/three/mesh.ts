// Triangles, counter-clockwise seen from outside, y up; one normal a vertex, and how much light of
// the sky reaches it (`shade`, 1: all of it). The same shapes as the server's glTF
// (src/twin/scene/mesh.cpp), so that both look alike.
export type Point = [number, number, number];
export type Flat = [number, number];

export const plus = (a: Point, b: Point): Point => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const times = (a: Point, by: number): Point => [a[0] * by, a[1] * by, a[2] * by];
export const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a: Point, b: Point): Point => [
  a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0],
];
export const size = (a: Point): number => Math.hypot(a[0], a[1], a[2]);
export const unit = (a: Point): Point => {
  const length = size(a);
  return length > 0 ? times(a, 1 / length) : [0, 1, 0];
};

export class Mesh {
  positions: number[] = [];
  normals: number[] = [];
  shades: number[] = [];
  indices: number[] = [];

  get vertices(): number {
    return this.positions.length / 3;
  }

  vertex(at: Point, normal: Point, shade = 1): number {
    const n = unit(normal);
    this.positions.push(at[0], at[1], at[2]);
    this.normals.push(n[0], n[1], n[2]);
    this.shades.push(shade);
    return this.vertices - 1;
  }

  triangle(a: number, b: number, c: number): void {
    this.indices.push(a, b, c);
  }

  quad(a: Point, b: Point, c: Point, d: Point): void {
    const normal = cross(minus(b, a), minus(c, a));
    const first = this.vertex(a, normal);
    this.vertex(b, normal);
    this.vertex(c, normal);
    this.vertex(d, normal);
    this.triangle(first, first + 1, first + 2);
    this.triangle(first, first + 2, first + 3);
  }

  flatTriangle(a: Point, b: Point, c: Point): void {
    const normal = cross(minus(b, a), minus(c, a));
    const first = this.vertex(a, normal);
    this.vertex(b, normal);
    this.vertex(c, normal);
    this.triangle(first, first + 1, first + 2);
  }

  add(other: Mesh): this {
    const first = this.vertices;
    for (const one of other.positions) this.positions.push(one);
    for (const one of other.normals) this.normals.push(one);
    for (const one of other.shades) this.shades.push(one);
    for (const one of other.indices) this.indices.push(first + one);
    return this;
  }

  moved(x: number, y: number, z: number): this {
    const by = [x, y, z];
    for (let i = 0; i < this.positions.length; i += 1)
      this.positions[i] = (this.positions[i] ?? 0) + (by[i % 3] ?? 0);
    return this;
  }

  private mapped(change: (x: number, y: number, z: number) => Point): this {
    for (const list of [this.positions, this.normals])
      for (let i = 0; i < list.length; i += 3) {
        const to = change(list[i] ?? 0, list[i + 1] ?? 0, list[i + 2] ?? 0);
        [list[i], list[i + 1], list[i + 2]] = to;
      }
    return this;
  }

  turned(degrees: number): this {
    const c = Math.cos((degrees * Math.PI) / 180);
    const s = Math.sin((degrees * Math.PI) / 180);
    return this.mapped((x, y, z) => [c * x + s * z, y, c * z - s * x]);
  }

  // What stood along y lies along x.
  laid(): this {
    return this.mapped((x, y, z) => [y, -x, z]);
  }

  shaded(shade: (x: number, y: number, z: number) => number): this {
    for (let i = 0; i < this.shades.length; i += 1)
      this.shades[i] = (this.shades[i] ?? 1) * shade(
        this.positions[3 * i] ?? 0, this.positions[3 * i + 1] ?? 0, this.positions[3 * i + 2] ?? 0,
      );
    return this;
  }

  copy(): Mesh {
    return new Mesh().add(this);
  }
}

export type Detail = 'low' | 'medium' | 'high';

export function segmentsOf(detail: Detail, diameter: number): number {
  const most = detail === 'low' ? 12 : detail === 'medium' ? 32 : 64;
  // What is small is seen small.
  const share = diameter < 0.5 ? 0.5 : diameter < 2 ? 0.75 : 1;
  return Math.max(6, Math.floor((most * share) / 4) * 4);
}

// One end of a band of a surface of revolution: radius, height, and the normal there.
type Rim = [radius: number, y: number, normalRadius: number, normalY: number];

function flatBand(r0: number, y0: number, r1: number, y1: number): [Rim, Rim] {
  const length = Math.hypot(r1 - r0, y1 - y0) || 1;
  const nr = (y1 - y0) / length;
  const ny = (r0 - r1) / length;
  return [[r0, y0, nr, ny], [r1, y1, nr, ny]];
}

// Turns the profile about the y axis. It runs so that the outside lies to its right: outward at
// the bottom, up outside, inward at the top.
function revolve(mesh: Mesh, [from, to]: [Rim, Rim], segments: number): void {
  const ring = (rim: Rim): number => {
    const first = mesh.vertices;
    for (let i = 0; i < segments; i += 1) {
      const c = Math.cos((2 * Math.PI * i) / segments);
      const s = Math.sin((2 * Math.PI * i) / segments);
      mesh.vertex([rim[0] * c, rim[1], rim[0] * s], [rim[2] * c, rim[3], rim[2] * s]);
    }
    return first;
  };
  const a = ring(from);
  const b = ring(to);
  for (let i = 0; i < segments; i += 1) {
    const j = (i + 1) % segments;
    if (to[0] > 0) mesh.triangle(a + i, b + i, b + j);
    if (from[0] > 0) mesh.triangle(a + i, b + (to[0] > 0 ? j : i), a + j);
  }
}

// From the rim at angle 0 to the top at a right angle, as an ellipse.
function addQuarter(
  mesh: Mesh, radius: number, height: number, y: number, upper: boolean, segments: number,
): void {
  const steps = Math.max(2, Math.floor(segments / 4));
  const rim = (i: number): Rim => {
    const angle = ((Math.PI / 2) * i) / steps;
    const c = i === steps ? 0 : Math.cos(angle);
    const s = Math.sin(angle);
    const length = Math.hypot(c / radius, s / height);
    const ny = s / height / length;
    return [radius * c, y + (upper ? height * s : -height * s), c / radius / length,
      upper ? ny : -ny];
  };
  for (let i = 0; i < steps; i += 1)
    revolve(mesh, upper ? [rim(i), rim(i + 1)] : [rim(i + 1), rim(i)], segments);
}

export function boxMesh(width: number, height: number, depth: number): Mesh {
  const mesh = new Mesh();
  const x = width / 2;
  const z = depth / 2;
  const h = height;
  mesh.quad([-x, 0, z], [x, 0, z], [x, h, z], [-x, h, z]);
  mesh.quad([x, 0, -z], [-x, 0, -z], [-x, h, -z], [x, h, -z]);
  mesh.quad([x, 0, z], [x, 0, -z], [x, h, -z], [x, h, z]);
  mesh.quad([-x, 0, -z], [-x, 0, z], [-x, h, z], [-x, h, -z]);
  mesh.quad([-x, h, z], [x, h, z], [x, h, -z], [-x, h, -z]);
  mesh.quad([-x, 0, -z], [x, 0, -z], [x, 0, z], [-x, 0, z]);
  return mesh;
}

export function frustumMesh(below: number, above: number, height: number, segments: number): Mesh {
  const mesh = new Mesh();
  if (below > 0) revolve(mesh, flatBand(0, 0, below, 0), segments);
  revolve(mesh, flatBand(below, 0, above, height), segments);
  if (above > 0) revolve(mesh, flatBand(above, height, 0, height), segments);
  return mesh;
}

export const cylinderMesh = (radius: number, height: number, segments: number): Mesh =>
  frustumMesh(radius, radius, height, segments);

export function domeMesh(radius: number, height: number, segments: number): Mesh {
  const mesh = new Mesh();
  revolve(mesh, flatBand(0, 0, radius, 0), segments);
  addQuarter(mesh, radius, height, 0, true, segments);
  return mesh;
}

export function sphereMesh(radius: number, segments: number): Mesh {
  const mesh = new Mesh();
  addQuarter(mesh, radius, radius, radius, false, segments);
  addQuarter(mesh, radius, radius, radius, true, segments);
  return mesh;
}

// A tube that stands.
export function ringMesh(inner: number, outer: number, height: number, segments: number): Mesh {
  const mesh = new Mesh();
  revolve(mesh, flatBand(inner, 0, outer, 0), segments);
  revolve(mesh, flatBand(outer, 0, outer, height), segments);
  revolve(mesh, flatBand(outer, height, inner, height), segments);
  revolve(mesh, flatBand(inner, height, inner, 0), segments);
  return mesh;
}

// An open box: floor and walls.
export function basinMesh(
  width: number, depth: number, length: number, wall: number, floor: number,
): Mesh {
  const mesh = new Mesh();
  const x = width / 2;
  const z = length / 2;
  const u = x - wall;
  const w = z - wall;
  const h = depth;
  const outer: Flat[] = [[-x, z], [x, z], [x, -z], [-x, -z]];
  const inner: Flat[] = [[-u, w], [u, w], [u, -w], [-u, -w]];
  for (let i = 0; i < 4; i += 1) {
    const j = (i + 1) % 4;
    const [ax, az] = outer[i] as Flat;
    const [bx, bz] = outer[j] as Flat;
    const [cx, cz] = inner[i] as Flat;
    const [dx, dz] = inner[j] as Flat;
    mesh.quad([ax, 0, az], [bx, 0, bz], [bx, h, bz], [ax, h, az]);
    mesh.quad([ax, h, az], [bx, h, bz], [dx, h, dz], [cx, h, cz]);
    mesh.quad([dx, floor, dz], [cx, floor, cz], [cx, h, cz], [dx, h, dz]);
  }
  mesh.quad([-x, 0, -z], [x, 0, -z], [x, 0, z], [-x, 0, z]);
  mesh.quad([-u, floor, w], [u, floor, w], [u, floor, -w], [-u, floor, -w]);
  return mesh;
}

// A roof: a triangle along z; `shed`: its ridge at -x.
export function gableMesh(width: number, height: number, length: number, shed: boolean): Mesh {
  const mesh = new Mesh();
  const x = width / 2;
  const z = length / 2;
  const top = shed ? -x : 0;
  const h = height;
  mesh.flatTriangle([-x, 0, z], [x, 0, z], [top, h, z]);
  mesh.flatTriangle([x, 0, -z], [-x, 0, -z], [top, h, -z]);
  mesh.quad([x, 0, z], [x, 0, -z], [top, h, -z], [top, h, z]);
  mesh.quad([-x, 0, -z], [-x, 0, z], [top, h, z], [top, h, -z]);
  mesh.quad([-x, 0, -z], [x, 0, -z], [x, 0, z], [-x, 0, z]);
  return mesh;
}
