import { unitText } from '~/lib/units';
import { labelsOf } from '../model/rules';
import type { Bound, Point, Side } from '../model/scene';
import type { Placed } from './place';

// Where names and values stand so that none covers another or a symbol: the wanted side with
// everything, else another side, else fewer values, else away from the symbol with a line that
// leads to it, else nowhere. What is left out is seen when one comes nearer, or chooses it.
export interface LabelPlace {
  x: number; // of the first row's anchor, from the symbol's middle
  y: number; // its base line
  anchor: 'start' | 'middle' | 'end';
  name: boolean;
  values: number;
  leader?: [number, number]; // where the line from the symbol ends, from its middle
}

interface Rect { x: number; y: number; w: number; h: number }

const rowHeight = 1.24; // of the size of letters
const letter = 0.57; // its mean width
const gap = 5;

const overlap = (a: Rect, b: Rect): number =>
  Math.max(0, Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x))
  * Math.max(0, Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y));

const wide = (text: string): number =>
  [...text].reduce((sum, one) => sum + (one > '\u2e80' ? 1.75 : 1), 0);

// How long a value will be at most, by its format; not by its value, so that nothing jumps.
export function sampleOf(label: Bound): string {
  return (label.format ?? '{value} {unit}')
    .replace(/\{value(?::\.(\d+)f)?\}/, (_, digits?: string) =>
      `000${digits && digits !== '0' ? `.${'0'.repeat(Number(digits))}` : '0'}`)
    .replace('{unit}', unitText(label.unit, 'si'));
}

function blockOf(node: Placed, side: Side, rows: string[], size: number): Rect {
  const w = Math.max(...rows.map(wide)) * letter * size;
  const h = rows.length * rowHeight * size;
  switch (side) {
    case 'above': return { x: node.x - w / 2, y: node.y - node.h / 2 - gap - h, w, h };
    case 'left': return { x: node.x - node.w / 2 - gap - w, y: node.y - h / 2, w, h };
    case 'right': return { x: node.x + node.w / 2 + gap, y: node.y - h / 2, w, h };
    case 'inside': return { x: node.x - w / 2, y: node.y - h / 2, w, h };
    default: return { x: node.x - w / 2, y: node.y + node.h / 2 + gap, w, h };
  }
}

// Thin boxes along a line, which text had better leave free.
function piecesOf(points: Point[]): Rect[] {
  return points.slice(1).map(([x, y], index) => {
    const [x0, y0] = points[index] as Point;
    return { x: Math.min(x, x0) - 2, y: Math.min(y, y0) - 2, w: Math.abs(x - x0) + 4,
      h: Math.abs(y - y0) + 4 };
  });
}

const boxOf = (node: Placed): Rect => ({
  x: node.x - node.w / 2 - 2, y: node.y - node.h / 2 - 2, w: node.w + 4, h: node.h + 4,
});

interface Choice {
  cost: number;
  block: Rect;
  anchor: LabelPlace['anchor'];
  leader?: Point; // absolute
}

// What is taken already, and what text may not cover.
export interface Room {
  taken: Rect[];
  boxes: { node: Placed; box: Rect }[];
  pipes: Rect[];
  sheet: Point;
}

const meets = (a: Rect, b: Rect): boolean => overlap(a, b) > 0.5;

// The cost of a block at its place; Infinity where something is covered.
function costOf(block: Rect, node: Placed, room: Room, size: number): number {
  const { sheet } = room;
  if (block.x < -16 || block.y < -16 || block.x + block.w > sheet[0] + 16
    || block.y + block.h > sheet[1] + 16) return Infinity;
  for (const one of room.taken) if (meets(block, one)) return Infinity;
  for (const { node: other, box } of room.boxes)
    if (other !== node && !(node.inside && contained(box, node)) && meets(block, box))
      return Infinity;
  let cost = 0;
  for (const pipe of room.pipes) cost += (overlap(block, pipe) / (size * size)) * 3;
  return cost;
}

const ways: Point[] = [[0, -1], [0, 1], [1, 0], [-1, 0], [1, -1], [-1, -1], [1, 1], [-1, 1]];
const reaches = [1.6, 3, 4.6, 6.4]; // of the size of letters, beyond the symbol

// Away from the symbol, as near as there is room.
function led(node: Placed, rows: string[], size: number, room: Room): Choice | undefined {
  const w = Math.max(...rows.map(wide)) * letter * size;
  const h = rows.length * rowHeight * size;
  for (const reach of reaches) {
    let best: Choice | undefined;
    for (const [dx, dy] of ways) {
      const x = node.x + dx * (node.w / 2 + w / 2 + (dy === 0 ? 1 : 0.4) * reach * size);
      const y = node.y + dy * (node.h / 2 + h / 2 + reach * size);
      const block = { x: x - w / 2, y: y - h / 2, w, h };
      const cost = costOf(block, node, room, size);
      if (cost === Infinity || (best && best.cost <= cost)) continue;
      best = {
        cost, block, anchor: dx > 0 ? 'start' : dx < 0 ? 'end' : 'middle',
        leader: [dx > 0 ? block.x - 2 : dx < 0 ? block.x + w + 2 : x,
          dy > 0 ? block.y : dy < 0 ? block.y + h : y],
      };
    }
    if (best) return best;
  }
  return undefined;
}

const anchors: Record<string, LabelPlace['anchor']> = { right: 'start', left: 'end' };

function beside(node: Placed, rows: string[], size: number, room: Room, sides: Side[]):
  Choice | undefined {
  let best: Choice | undefined;
  for (const [rank, side] of sides.entries()) {
    const block = blockOf(node, side, rows, size);
    const cost = rank * 5 + costOf(block, node, room, size);
    if (cost < (best?.cost ?? Infinity))
      best = { cost, block, anchor: anchors[side] ?? 'middle' };
  }
  return best;
}

const xOf = ({ block, anchor }: Choice): number =>
  anchor === 'start' ? block.x : anchor === 'end' ? block.x + block.w : block.x + block.w / 2;

function placeOf(node: Placed, choice: Choice, size: number, name: boolean, values: number):
  LabelPlace {
  const { block, anchor, leader } = choice;
  return {
    x: xOf(choice) - node.x, y: block.y + size * 0.95 - node.y, anchor, name, values,
    ...(leader ? { leader: [leader[0] - node.x, leader[1] - node.y] as [number, number] } : {}),
  };
}

export function roomOf(nodes: Placed[], routes: Point[][], sheet: Point): Room {
  return {
    taken: [], sheet, boxes: nodes.filter((one) => one.symbol !== 'area' || one.label !== 'inside')
      .map((node) => ({ node, box: boxOf(node) })),
    pipes: routes.flatMap(piecesOf),
  };
}

export function placeLabels(nodes: Placed[], room: Room, size: number): Map<string, LabelPlace> {
  const places = new Map<string, LabelPlace>();
  // What has more to say comes first, then from left to right; what lies within another after it.
  const weight = (node: Placed) => Number(node.inside) * 100 - labelsOf(node.item).length;
  const order = nodes.filter((one) => one.label !== 'none')
    .sort((a, b) => weight(a) - weight(b) || a.x - b.x);
  for (const node of order) {
    const samples = labelsOf(node.item).map(sampleOf);
    const sides: Side[] = node.label === 'inside' ? ['inside', 'below', 'above', 'right', 'left']
      : [node.label, ...(['below', 'above', 'right', 'left'] as Side[])
        .filter((side) => side !== node.label)];
    let best: { choice: Choice; cost: number; name: boolean; values: number } | undefined;
    for (const name of [true, false])
      for (let values = samples.length; values >= 0; values -= 1) {
        const rows = [...(name ? [node.item.name] : []), ...samples.slice(0, values)];
        if (rows.length === 0) continue;
        const lost = (name ? 0 : 22) + (samples.length - values) * 8
          + (values === 0 && samples.length > 0 ? 14 : 0);
        if (best && lost >= best.cost) continue;
        const choice = beside(node, rows, size, room, sides);
        if (choice && choice.cost + lost < (best?.cost ?? Infinity))
          best = { choice, cost: choice.cost + lost, name, values };
      }
    if (!best) {
      const rows = [node.item.name, ...samples.slice(0, 1)];
      const choice = led(node, rows, size, room);
      if (choice) best = { choice, cost: 0, name: true, values: rows.length - 1 };
    }
    if (!best) continue;
    room.taken.push(best.choice.block);
    places.set(node.item.id, placeOf(node, best.choice, size, best.name, best.values));
  }
  return places;
}

// What is amiss stands beside its equipment wherever there is room, above everything else where
// there is none: it is never left out.
export function placeTroubles(troubled: { node: Placed; text: string }[], room: Room,
  size: number): Map<string, LabelPlace> {
  const places = new Map<string, LabelPlace>();
  const taken = [...room.taken];
  for (const { node, text } of [...troubled].sort((a, b) => a.node.x - b.node.x)) {
    // Room for its mark too.
    const rows = [`MM${text}`];
    const within = { ...room, taken };
    const choice = beside(node, rows, size, within, ['above', 'right', 'left', 'below'])
      ?? led(node, rows, size, within)
      ?? { cost: 0, block: blockOf(node, 'above', rows, size), anchor: 'middle' as const };
    taken.push(choice.block);
    places.set(node.item.id, placeOf(node, { ...choice, anchor: 'start' }, size, true, 0));
  }
  return places;
}

const contained = (box: Rect, node: Placed): boolean =>
  node.x > box.x && node.x < box.x + box.w && node.y > box.y && node.y < box.y + box.h;

// Letters of some eleven pixels whatever the zoom, in steps so that small moves change nothing.
export function letterSize(pixelsPerUnit: number): number {
  const size = 11.5 / Math.max(0.05, pixelsPerUnit);
  return Math.round(Math.min(23, Math.max(6, size)) * 2) / 2;
}
