import type { Point } from './mesh';
import { cross, dot, minus, plus, size, times, unit } from './mesh';
import type { View } from './model';
import type { Drawn } from './world';

// From where all of some spheres are seen, as large as can be: along the way that a view looks,
// with its angle. Each side of what is seen is a plane that a sphere must lie within, which is
// linear in where one stands, so this is exact.
export interface Ball { at: Point; radius: number }
// Shares of half the picture that stay free, for labels and for what lies over it.
export interface Margins { left: number; right: number; top: number; bottom: number }

const farthest = 1.5; // times as far as the view itself stands

interface Span { middle: number; ahead: number }

function span(balls: readonly [along: number, ahead: number, radius: number][], low: number,
  high: number): Span {
  let [up, down] = [-Infinity, -Infinity];
  for (const [along, ahead, radius] of balls) {
    up = Math.max(up, along - ahead * high + radius * Math.hypot(1, high));
    down = Math.max(down, -along - ahead * low + radius * Math.hypot(1, low));
  }
  const ahead = -(up + down) / (high + low);
  return { middle: up + ahead * high, ahead };
}

// How far away what one looks at is: the ground that things stand on, or their middle where one
// looks along it.
function depthOf(from: Point, way: Point, balls: readonly Ball[], ahead: number): number {
  const ground = balls.reduce((sum, { at }) => sum + at[1], 0) / balls.length;
  if (way[1] < -0.1) return (ground - from[1]) / way[1];
  const depths = balls.map(({ at }) => dot(at, way) - ahead);
  return (Math.min(...depths) + Math.max(...depths)) / 2;
}

export function fitView(view: View, balls: readonly Ball[], aspect: number, free: Margins): View {
  const [first] = balls;
  if (!first) return view;
  const way = unit(minus(view.target, view.position));
  const right = unit(cross(way, [0, 1, 0]));
  const up = cross(right, way);
  const tall = Math.tan((view.fov * Math.PI) / 360);
  const wide = tall * aspect;
  const across = span(balls.map(({ at, radius }) => [dot(at, right), dot(at, way), radius]),
    wide * (1 - free.left), wide * (1 - free.right));
  const upward = span(balls.map(({ at, radius }) => [dot(at, up), dot(at, way), radius]),
    tall * (1 - free.bottom), tall * (1 - free.top));
  const ahead = Math.min(across.ahead, upward.ahead);
  // The side that has room to spare keeps what is seen in its middle.
  const at = (one: Span, low: number, high: number) =>
    one.middle + ((one.ahead - ahead) * (low - high)) / 2;
  const x = at(across, wide * (1 - free.left), wide * (1 - free.right));
  const y = at(upward, tall * (1 - free.bottom), tall * (1 - free.top));
  const position = plus(plus(times(right, x), times(up, y)), times(way, ahead));
  const deep = Math.max(1, depthOf(position, way, balls, ahead));
  const target = plus(position, times(way, deep));
  // In a narrow window the sides are cut rather than all made too small to be read.
  const most = size(minus(view.target, view.position)) * farthest;
  return { ...view, target,
    position: deep > most ? minus(target, times(way, most)) : position };
}

const lying = new Set(['pipe', 'river', 'arrow']);
const lyingRadius = 3;

// Where all that shows values is; of what lies along the ground only where its label stands.
export function ballsOf(drawn: readonly Drawn[]): Ball[] {
  const bound = drawn.filter(({ item }) => item.visible && item.bindings.length > 0);
  return (bound.length > 0 ? bound : drawn).map(({ item, sphere, anchor }) =>
    item.shape?.kind === 'area' ? { at: sphere.center.toArray(), radius: sphere.radius * 0.6 }
      : lying.has(item.shape?.kind ?? '')
        ? { at: anchor.toArray(), radius: Math.min(lyingRadius, sphere.radius) }
        : { at: sphere.center.toArray(), radius: sphere.radius });
}
