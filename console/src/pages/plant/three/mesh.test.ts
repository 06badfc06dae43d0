import { describe, expect, it } from 'vitest';
import {
  basinMesh, boxMesh, cylinderMesh, domeMesh, frustumMesh, gableMesh, ringMesh, segmentsOf,
  sphereMesh, type Mesh, type Point,
} from './mesh';
import { axisOf, bandSkin, outlineMesh, pipeMesh, tubeSkin } from './tube';

const at = (mesh: Mesh, i: number): Point =>
  [0, 1, 2].map((k) => mesh.positions[3 * i + k] ?? NaN) as Point;

// Of a closed mesh whose triangles look outward: its volume, by the divergence theorem.
function volume(mesh: Mesh): number {
  let sum = 0;
  for (let i = 0; i < mesh.indices.length; i += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => at(mesh, mesh.indices[i + k] ?? 0)) as
      [Point, Point, Point];
    sum += a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0])
      + a[2] * (b[0] * c[1] - b[1] * c[0]);
  }
  return sum / 6;
}

// Each edge has its counterpart, in the other direction.
function isClosed(mesh: Mesh): boolean {
  const place = (i: number) => at(mesh, i).map((one) => Math.round(one * 1e5)).join();
  const edges = new Map<string, number>();
  for (let i = 0; i < mesh.indices.length; i += 3)
    for (let k = 0; k < 3; k += 1) {
      const a = place(mesh.indices[i + k] ?? 0);
      const b = place(mesh.indices[i + ((k + 1) % 3)] ?? 0);
      if (a === b) continue;
      edges.set(`${a} ${b}`, (edges.get(`${a} ${b}`) ?? 0) + 1);
      edges.set(`${b} ${a}`, (edges.get(`${b} ${a}`) ?? 0) - 1);
    }
  return [...edges.values()].every((one) => one === 0);
}

describe('meshes', () => {
  const closed: [string, Mesh, number][] = [
    ['box', boxMesh(2, 3, 4), 24],
    ['cylinder', cylinderMesh(1, 2, 64), Math.PI * 2],
    ['cone', frustumMesh(1, 0, 3, 64), Math.PI],
    ['dome', domeMesh(1, 1, 64), (Math.PI * 2) / 3],
    ['sphere', sphereMesh(1, 64), (Math.PI * 4) / 3],
    ['ring', ringMesh(1, 2, 1, 64), Math.PI * 3],
    ['basin', basinMesh(4, 3, 6, 0.5, 0.5), 4 * 3 * 6 - 3 * 2.5 * 5],
    ['gable', gableMesh(2, 1, 3, false), 3],
    ['shed', gableMesh(2, 1, 3, true), 3],
    ['pipe', pipeMesh([[0, 0, 0], [5, 0, 0]], 1, 1, 48), Math.PI * 5],
    ['block', outlineMesh([[0, 0], [2, 0], [2, 1], [1, 1], [1, 2], [0, 2]], 2), 6],
  ];
  it.each(closed)('%s is closed, looks outward and has its volume', (_, mesh, wanted) => {
    expect(isClosed(mesh)).toBe(true);
    expect(Math.abs(volume(mesh) - wanted)).toBeLessThan(wanted * 0.012);
  });

  it('stays where it is put when moved, turned and laid down', () => {
    const mesh = boxMesh(2, 4, 2).laid().moved(1, 0, 0).turned(90);
    const z = mesh.positions.filter((_, i) => i % 3 === 2);
    expect(Math.min(...z)).toBeCloseTo(-5);
    expect(Math.max(...z)).toBeCloseTo(-1);
    expect(volume(mesh)).toBeCloseTo(16);
  });

  it('cuts small things and far things less finely', () => {
    expect(segmentsOf('high', 10)).toBe(64);
    expect(segmentsOf('low', 10)).toBe(12);
    expect(segmentsOf('high', 0.3)).toBe(32);
    expect(segmentsOf('low', 0.1)).toBe(6);
  });
});

describe('along points', () => {
  it('rounds the corner of an axis and counts the metres along it', () => {
    const axis = axisOf([[0, 0, 0], [10, 0, 0], [10, 0, 10]], 2, 32);
    const corner = axis.filter(({ place }) => Math.hypot(place[0] - 10, place[2]) < 0.5);
    expect(corner).toHaveLength(0);
    // Two straights of 8 m and a quarter of a circle of 2 m.
    expect(axis[axis.length - 1]?.at).toBeCloseTo(16 + Math.PI, 1);
  });

  it('takes points that fall together for one', () => {
    expect(pipeMesh([[1, 1, 1], [1, 1, 1]], 0.5, 0, 8).positions.every(Number.isFinite)).toBe(true);
  });

  it('gives a skin its metres along and its share around', () => {
    const skin = tubeSkin([[0, 0, 0], [4, 0, 0]], 1, 0, 8);
    expect(skin.length).toBe(4);
    expect(skin.along.filter((one) => one === 0)).toHaveLength(9);
    expect(Math.max(...skin.around)).toBe(1);
  });

  it('looks up from a band, downstream first', () => {
    const band = bandSkin([[0, 0, 0], [0, 0, -10]], 4);
    expect(band.mesh.normals.filter((_, i) => i % 3 === 1).every((one) => one === 1)).toBe(true);
    expect(band.along).toEqual([0, 0, 10, 10]);
    const [a, b, c] = [0, 1, 2].map((k) => at(band.mesh, band.mesh.indices[k] ?? 0)) as
      [Point, Point, Point];
    const up = (b[2] - a[2]) * (c[0] - a[0]) - (b[0] - a[0]) * (c[2] - a[2]);
    expect(up).toBeGreaterThan(0);
  });

  it('fills an outline in either direction, and one that is bent inward', () => {
    const l = [[0, 0], [2, 0], [2, 1], [1, 1], [1, 2], [0, 2]] as [number, number][];
    for (const outline of [l, [...l].reverse()]) {
      const mesh = outlineMesh(outline, 0);
      let area = 0;
      for (let i = 0; i < mesh.indices.length; i += 3) {
        const [a, b, c] = [0, 1, 2].map((k) => at(mesh, mesh.indices[i + k] ?? 0)) as
          [Point, Point, Point];
        area += ((b[2] - a[2]) * (c[0] - a[0]) - (b[0] - a[0]) * (c[2] - a[2])) / 2;
      }
      expect(area).toBeCloseTo(3);
    }
  });
});
