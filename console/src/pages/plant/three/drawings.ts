import {
  basinMesh, boxMesh, cylinderMesh, domeMesh, frustumMesh, gableMesh, Mesh, ringMesh, segmentsOf,
  sphereMesh, minus, plus, size, times, type Point,
} from './mesh';
import type { Maker } from './shapes';
import { axisOf, bandSkin, outlineMesh, pipeMesh, tubeSkin } from './tube';

// How each kind of shape is drawn; sizes as in src/twin/scene/shape_model.cpp.
const steel = '#8c949c';
const darkSteel = '#5a626a';
const concrete = '#b0aca2';
const wood = '#705842';
const glass = '#96b2c4';
const driveBlue = '#4a6078';

const cut = (m: Maker, diameter: number) => segmentsOf(m.detail, diameter);

// Inside of an open tank the light falls off towards the floor.
const insideShade = (within: (x: number, z: number) => boolean, floor: number, height: number) =>
  (x: number, y: number, z: number) =>
    within(x, z) ? 0.55 + 0.45 * Math.min(1, Math.max(0, (y - floor) / (height - floor || 1))) : 1;

// A gauge on all four sides, so that it is seen from where one looks.
function gauges(m: Maker, radius: number, foot: number, tall: number, width: number): void {
  const water = new Mesh();
  for (const angle of [0, 90, 180, 270]) {
    m.fixed(boxMesh(width * 1.4, tall, 0.08).moved(0, foot, radius + 0.02).turned(angle),
      darkSteel);
    water.add(boxMesh(width, 1, 0.1).moved(0, 0, radius + 0.07).turned(angle));
  }
  m.water(water, [0, foot + tall * 0.02, 0], tall * 0.96);
}

function roof(m: Maker, radius: number, height: number): void {
  const n = cut(m, radius * 2);
  const form = m.word('roof');
  if (form === 'flat') {
    m.body(cylinderMesh(radius * 1.02, 0.15, n).moved(0, height, 0));
    m.fixed(cylinderMesh(Math.min(0.6, radius * 0.2), 0.25, 12)
      .moved(radius * 0.55, height + 0.15, 0), darkSteel);
  }
  if (form === 'cone')
    m.body(frustumMesh(radius * 1.03, 0, radius * 0.3, n).moved(0, height, 0), 'metal');
  if (form === 'dome')
    m.body(domeMesh(radius * 1.01, radius * 0.4, n).moved(0, height, 0), 'metal');
}

function tank(m: Maker): void {
  if (m.flag('lying')) {
    lyingTank(m);
    return;
  }
  const radius = m.number('diameter') / 2;
  const height = m.number('height');
  const wall = Math.min(m.number('wall'), radius * 0.9);
  const floor = Math.min(wall, height * 0.5);
  const n = cut(m, radius * 2);
  const inner = radius - wall;
  m.body(ringMesh(inner, radius, height, n)
    .shaded(insideShade((x, z) => Math.hypot(x, z) < inner * 1.001, floor, height)));
  m.body(cylinderMesh(inner, floor, n).shaded(() => 0.6));
  // A kerb around the top gives the wall an edge that is seen from far.
  m.body(ringMesh(radius, radius * 1.02, Math.min(0.25, height * 0.06), n)
    .moved(0, height - Math.min(0.25, height * 0.06), 0));
  roof(m, radius, height);
  if (m.word('roof') === 'none' || m.opacity() < 1)
    m.water(cylinderMesh(inner * 0.999, 1, n), [0, floor, 0], (height - floor) * 0.98);
  else
    gauges(m, radius, height * 0.02, height * 0.94, Math.min(1, Math.max(0.05, radius * 0.25)));
}

function lyingTank(m: Maker): void {
  const radius = m.number('diameter') / 2;
  const length = m.number('height');
  const n = cut(m, radius * 2);
  const straight = Math.max(length - radius, length * 0.3);
  const end = (length - straight) / 2;
  m.body(cylinderMesh(radius, straight, n).laid().moved(-straight / 2, radius, 0), 'metal');
  const head = () => domeMesh(radius, end, n).laid();
  m.body(head().moved(straight / 2, radius, 0), 'metal');
  m.body(head().turned(180).moved(-straight / 2, radius, 0), 'metal');
  for (const side of [-1, 1])
    m.fixed(boxMesh(radius * 0.4, radius * 0.6, radius * 1.6).moved(side * straight * 0.35, 0, 0),
      concrete);
  const water = new Mesh();
  for (const angle of [0, 180]) {
    m.fixed(boxMesh(radius * 0.3, radius * 1.8, 0.05).moved(0, radius * 0.1, radius + 0.02)
      .turned(angle), darkSteel);
    water.add(boxMesh(radius * 0.2, 1, 0.06).moved(0, 0, radius + 0.05).turned(angle));
  }
  m.water(water, [0, radius * 0.15, 0], radius * 1.7);
}

function openBox(m: Maker, floor: number, wall: number): void {
  const [width, length, depth] = [m.number('width'), m.number('length'), m.number('depth')];
  const within = (x: number, z: number) =>
    Math.abs(x) < width / 2 - wall * 0.9 && Math.abs(z) < length / 2 - wall * 0.9;
  m.body(basinMesh(width, depth, length, wall, floor).shaded(insideShade(within, floor, depth)));
}

function basin(m: Maker): void {
  const [width, length, depth] = [m.number('width'), m.number('length'), m.number('depth')];
  const wall = Math.min(m.number('wall'), width * 0.3, length * 0.3);
  const floor = Math.min(wall, depth * 0.5);
  openBox(m, floor, wall);
  const channels = Math.floor(m.number('channels'));
  for (let i = 1; i < channels; i += 1)
    m.body(boxMesh(wall * 0.7, depth * 0.98 - floor, length - 2 * wall)
      .moved(-width / 2 + (width * i) / channels, floor, 0));
  if (m.flag('weirs')) {
    const count = Math.max(2, channels * 2);
    for (let i = 0; i < count; i += 1)
      m.fixed(boxMesh((width / count) * 0.25, depth * 0.08, length * 0.22).moved(
        -width / 2 + (width * (i + 0.5)) / count, depth * 0.9, length / 2 - wall - length * 0.11,
      ), steel, 'metal');
  }
  m.water(boxMesh((width - 2 * wall) * 0.999, 1, (length - 2 * wall) * 0.999), [0, floor, 0],
    (depth - floor) * 0.98);
}

function clarifier(m: Maker): void {
  const radius = m.number('diameter') / 2;
  const depth = m.number('depth');
  const wall = Math.min(m.number('wall'), radius * 0.3);
  const floor = Math.min(wall, depth * 0.5);
  const n = cut(m, radius * 2);
  const inner = radius - wall;
  m.body(ringMesh(inner, radius, depth, n)
    .shaded(insideShade((x, z) => Math.hypot(x, z) < inner * 1.001, floor, depth)));
  m.body(cylinderMesh(inner, floor, n).shaded(() => 0.6));
  m.fixed(cylinderMesh(radius * 0.06, depth * 1.05, n), concrete);
  m.water(ringMesh(radius * 0.061, inner * 0.999, 1, n), [0, floor, 0], (depth - floor) * 0.95);
  if (!m.flag('bridge', true)) return;
  const across = radius * 0.97;
  const deep = Math.max(0.3, radius * 0.06);
  const bridge = boxMesh(across, 0.25, deep).moved(across / 2, 0.05, 0);
  for (const side of [-1, 1])
    bridge.add(boxMesh(across, 0.06, 0.06).moved(across / 2, 1.1, (side * deep) / 2));
  m.rotor(bridge, 'fixed', [0, depth * 1.05, 0], [0, 1, 0]);
}

function filter(m: Maker): void {
  const [width, length, depth] = [m.number('width'), m.number('length'), m.number('depth')];
  const wall = Math.min(m.number('wall'), width * 0.3, length * 0.3);
  const floor = Math.min(wall, depth * 0.3);
  const media = Math.min(m.number('media'), (depth - floor) * 0.95);
  const innerWidth = (width - 2 * wall) * 0.999;
  const inner = (length - 2 * wall) * 0.999;
  openBox(m, floor, wall);
  if (media > 0)
    m.fixed(boxMesh(innerWidth, media, inner).moved(0, floor, 0).shaded(() => 0.8),
      m.colour('sand'));
  const troughs = Math.floor(m.number('troughs'));
  for (let i = 0; i < troughs; i += 1)
    m.fixed(boxMesh(innerWidth, depth * 0.06, Math.min(0.4, inner * 0.1))
      .moved(0, depth * 0.86, -inner / 2 + (inner * (i + 0.5)) / troughs), steel, 'metal');
  m.water(boxMesh(innerWidth * 0.999, 1, inner * 0.999), [0, floor + media, 0],
    (depth - floor - media) * 0.98);
}

function pipe(m: Maker): void {
  const diameter = m.number('diameter');
  const axis = m.points();
  const bend = m.number('bend') > 0 ? m.number('bend') : diameter * 1.5;
  const n = Math.min(24, cut(m, diameter));
  m.body(pipeMesh(axis, diameter / 2, bend, n), 'metal');
  m.model.flow = tubeSkin(axis, diameter * 0.515, bend, m.detail === 'low' ? 8 : 16);
  if (!m.flag('flanges')) return;
  const flange = (at: Point, other: Point) => {
    const way = minus(other, at);
    if (size(way) <= 0) return;
    m.body(pipeMesh([at, plus(at, times(way, (diameter * 0.2) / size(way)))], diameter * 0.7, 0, n),
      'metal');
  };
  flange(axis[0] as Point, axis[1] as Point);
  flange(axis[axis.length - 1] as Point, axis[axis.length - 2] as Point);
}

function pump(m: Maker): void {
  const s = m.number('size');
  const r = s * 0.2;
  const n = cut(m, s);
  const casing = cylinderMesh(r, s * 0.28, n);
  const motor = cylinderMesh(r * 0.8, s * 0.5, n);
  const fan = new Mesh();
  for (let i = 0; i < 4; i += 1)
    fan.add(boxMesh(r * 0.75, s * 0.05, r * 0.18).moved(r * 0.375, 0, 0).turned(90 * i));
  if (m.word('form') === 'vertical') {
    m.body(casing.moved(0, s * 0.05, 0), 'metal');
    m.body(cylinderMesh(r * 1.3, s * 0.05, n), 'metal');
    m.body(pipeMesh([[0, s * 0.2, 0], [r * 1.8, s * 0.2, 0]], r * 0.45, 0, n), 'metal');
    m.fixed(cylinderMesh(r * 0.25, s * 0.14, n).moved(0, s * 0.33, 0), darkSteel, 'metal');
    m.fixed(motor.moved(0, s * 0.47, 0), m.colour('motor'), 'metal');
    m.rotor(fan, 'fixed', [0, s * 0.98, 0], [0, 1, 0]);
    return;
  }
  const axis = r * 1.4;
  m.fixed(boxMesh(s, s * 0.06, s * 0.4), concrete);
  m.body(casing.laid().moved(-s * 0.45, axis, 0), 'metal');
  m.body(pipeMesh([[-s * 0.31, axis, 0], [-s * 0.31, axis + r * 1.7, 0]], r * 0.45, 0, n), 'metal');
  m.body(pipeMesh([[-s * 0.3, axis, 0], [-s * 0.62, axis, 0]], r * 0.5, 0, n), 'metal');
  m.fixed(cylinderMesh(r * 0.2, s * 0.16, n).laid().moved(-s * 0.18, axis, 0), darkSteel, 'metal');
  m.fixed(motor.laid().moved(-s * 0.03, axis, 0), m.colour('motor'), 'metal');
  // Ribs of the motor, and its terminal box.
  if (m.detail !== 'low') {
    for (let i = 0; i < 5; i += 1)
      m.fixed(cylinderMesh(r * 0.86, s * 0.02, n).laid().moved(s * (0.05 + 0.085 * i), axis, 0),
        m.colour('motor'), 'metal');
    m.fixed(boxMesh(s * 0.13, r * 0.4, r * 0.7).moved(s * 0.2, axis + r * 0.7, 0), darkSteel);
  }
  m.fixed(boxMesh(s * 0.4, axis * 0.6, r).moved(s * 0.22, s * 0.06, 0), darkSteel);
  m.rotor(fan.laid(), 'fixed', [s * 0.48, axis, 0], [1, 0, 0]);
}

function mixer(m: Maker): void {
  const radius = m.number('diameter') / 2;
  const height = m.number('height');
  const n = cut(m, radius);
  const blades = new Mesh();
  if (m.word('form') === 'paddle') {
    const length = m.number('length');
    blades.add(cylinderMesh(radius * 0.07, length, n).laid().moved(-length / 2, 0, 0));
    for (let i = 0; i < 4; i += 1) {
      const angle = (Math.PI / 2) * i;
      const flat = i % 2 === 0;
      blades.add(boxMesh(length * 0.96, radius * (flat ? 0.05 : 0.3), radius * (flat ? 0.3 : 0.05))
        .moved(0, radius * 0.85 * Math.sin(angle), radius * 0.85 * Math.cos(angle)));
    }
    m.rotor(blades, 'body', [0, height, 0], [1, 0, 0]);
    return;
  }
  blades.add(cylinderMesh(radius * 0.08, height, n));
  for (let i = 0; i < 3; i += 1)
    blades.add(boxMesh(radius, radius * 0.08, radius * 0.35)
      .moved(radius / 2, height * 0.06, 0).turned(120 * i));
  m.rotor(blades, 'body', [0, 0, 0], [0, 1, 0]);
  m.body(boxMesh(radius * 0.7, radius * 0.25, radius * 0.7).moved(0, height, 0), 'metal');
  m.body(cylinderMesh(radius * 0.28, radius * 0.8, n).moved(0, height + radius * 0.25, 0), 'metal');
}

function valve(m: Maker): void {
  const s = m.number('size');
  const r = s * 0.36;
  const n = cut(m, s);
  const cone = () => frustumMesh(r, r * 0.35, s / 2, n).laid();
  m.body(cone().moved(-s / 2, 0, 0), 'metal');
  m.body(cone().turned(180).moved(s / 2, 0, 0), 'metal');
  const flange = () => cylinderMesh(r * 1.15, s * 0.08, n).laid();
  m.body(flange().moved(-s * 0.54, 0, 0), 'metal');
  m.body(flange().moved(s * 0.46, 0, 0), 'metal');
  m.fixed(cylinderMesh(r * 0.2, s * 0.6, n), darkSteel, 'metal');
  if (m.word('drive') === 'motor') {
    m.fixed(boxMesh(s * 0.5, s * 0.35, s * 0.4).moved(0, s * 0.55, 0), driveBlue, 'metal');
    return;
  }
  m.fixed(ringMesh(r * 0.75, r * 0.9, s * 0.06, n).moved(0, s * 0.6, 0), darkSteel, 'metal');
  m.fixed(boxMesh(r * 1.6, s * 0.04, s * 0.06).moved(0, s * 0.61, 0), darkSteel, 'metal');
}

// The edges of a house that one sees through, so that it stays a house.
function edges(m: Maker, width: number, height: number, length: number): void {
  const t = Math.min(0.22, Math.max(0.06, Math.min(width, length) * 0.012));
  const frame = new Mesh();
  for (const x of [-1, 1])
    for (const z of [-1, 1])
      frame.add(boxMesh(t, height, t).moved((x * width) / 2, 0, (z * length) / 2));
  for (const y of [0, height - t]) {
    for (const x of [-1, 1]) frame.add(boxMesh(t, t, length).moved((x * width) / 2, y, 0));
    for (const z of [-1, 1]) frame.add(boxMesh(width, t, t).moved(0, y, (z * length) / 2));
  }
  m.fixed(frame, m.colour('colour'), 'matte', 1);
}

function building(m: Maker): void {
  const [width, length, height] = [m.number('width'), m.number('length'), m.number('height')];
  m.body(boxMesh(width, height, length));
  const form = m.word('roof');
  const top = m.colour('roof_colour');
  if (form === 'flat')
    m.fixed(boxMesh(width * 1.02, Math.min(0.4, height * 0.1), length * 1.02).moved(0, height, 0),
      top);
  else if (form !== 'none')
    m.fixed(gableMesh(width * 1.06, m.number('roof_height'), length * 1.04, form === 'shed')
      .moved(0, height, 0), top);
  if (m.opacity() < 1) edges(m, width, height, length);
  if (m.detail === 'low' || m.opacity() < 1 || height < 2.2) return;
  // A row of windows on the long sides, so that it reads as a house.
  const count = Math.min(40, Math.max(1, Math.floor(length / 4)));
  const panes = new Mesh();
  for (let i = 0; i < count; i += 1)
    panes.add(boxMesh(width + 0.06, Math.min(1.4, height * 0.35), 1.2)
      .moved(0, height * 0.45, -length / 2 + (length * (i + 0.5)) / count));
  m.fixed(panes, glass, 'metal');
}

function tower(m: Maker): void {
  const height = m.number('height');
  const radius = m.number('diameter') / 2;
  const vessel = Math.min(m.number('vessel'), height * 0.9);
  const shaft = m.number('shaft') / 2;
  const n = cut(m, radius * 2);
  const foot = height - vessel;
  const cone = Math.min(vessel * 0.35, radius);
  m.body(frustumMesh(shaft * 1.25, shaft, foot + cone * 0.3, n));
  m.body(frustumMesh(Math.min(shaft, radius * 0.9), radius, cone, n).moved(0, foot, 0)
    .shaded(() => 0.86));
  m.body(cylinderMesh(radius, vessel - cone, n).moved(0, foot + cone, 0));
  m.body(domeMesh(radius * 1.01, radius * 0.25, n).moved(0, height, 0));
  const tall = vessel - cone;
  gauges(m, radius, foot + cone + tall * 0.03, tall * 0.94,
    Math.min(2, Math.max(0.1, radius * 0.2)));
}

function river(m: Maker): void {
  const skin = bandSkin(m.points(), m.number('width'));
  m.body(skin.mesh, 'flat');
  const marks = bandSkin(m.points().map((p): Point => [p[0], p[1] + 0.02, p[2]]),
    m.number('width') * 0.7);
  m.model.flow = marks;
}

function area(m: Maker): void {
  const height = m.number('height');
  m.body(outlineMesh(m.outline(), height), height > 0 ? 'matte' : 'flat');
}

function arrow(m: Maker): void {
  const length = m.number('length');
  const radius = m.number('diameter') / 2;
  const head = Math.min(length * 0.4, radius * 5);
  const n = cut(m, radius * 2);
  m.body(cylinderMesh(radius, length - head, n).laid());
  m.body(frustumMesh(radius * 2.2, 0, head, n).laid().moved(length - head, 0, 0));
  m.model.flow = tubeSkin([[0, 0, 0], [length - head, 0, 0]], radius * 1.03, 0, 12);
}

function tree(m: Maker): void {
  const height = m.number('height');
  const n = Math.max(6, Math.floor(cut(m, height * 0.1) / 2));
  m.fixed(cylinderMesh(height * 0.03, height * 0.35, n), wood);
  if (m.word('form') === 'conifer')
    for (let i = 0; i < 3; i += 1)
      m.body(frustumMesh(height * (0.21 - 0.045 * i), i === 2 ? 0 : height * 0.04, height * 0.36, n)
        .moved(0, height * (0.18 + 0.23 * i), 0));
  else {
    const ball = (by: number) => sphereMesh(height * by, Math.max(8, n));
    m.body(ball(0.3).moved(0, height * 0.35, 0));
    m.body(ball(0.2).moved(height * 0.16, height * 0.3, height * 0.08));
  }
}

export const drawings: Record<string, (m: Maker) => void> = {
  box: (m) => m.body(boxMesh(m.number('width'), m.number('height'), m.number('depth'))),
  cylinder: (m) => m.body(cylinderMesh(m.number('diameter') / 2, m.number('height'),
    cut(m, m.number('diameter')))),
  tank, basin, clarifier, filter, pipe, pump, mixer, valve, building, tower, river, area, arrow,
  tree,
};

// The middle of the axis, where a pipe's label stands.
export function middleOf(points: readonly Point[]): Point {
  const axis = axisOf(points, 0, 4);
  const half = (axis[axis.length - 1]?.at ?? 0) / 2;
  for (let i = 1; i < axis.length; i += 1) {
    const [a, b] = [axis[i - 1], axis[i]];
    if (a && b && b.at >= half)
      return plus(a.place, times(minus(b.place, a.place), (half - a.at) / (b.at - a.at || 1)));
  }
  return axis[0]?.place ?? [0, 0, 0];
}
