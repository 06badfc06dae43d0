import { unitText } from '~/lib/units';
import { labelsOf } from '../model/rules';
import type { Bound, Point, Side } from '../model/scene';
import type { Placed } from './place';

// Where names and values stand so that none covers another: the wanted side with everything, else
// another side, else fewer values. What is left out is seen when one comes nearer.
export interface LabelPlace {
  x: number; // of the first row's anchor, from the symbol's middle
  y: number; // its base line
  anchor: 'start' | 'middle' | 'end';
  name: boolean;
  values: number;
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

export function placeLabels(
  nodes: Placed[], routes: Point[][], size: number, sheet: Point,
): Map<string, LabelPlace> {
  const places = new Map<string, LabelPlace>();
  const boxes = nodes.map((node) => ({ node, box: boxOf(node) }));
  const pipes = routes.flatMap(piecesOf);
  const taken: Rect[] = [];
  // From left to right; what lies within another comes after it.
  const order = [...nodes].sort((a, b) => Number(a.inside) - Number(b.inside) || a.x - b.x);
  for (const node of order) {
    if (node.label === 'none') continue;
    const samples = labelsOf(node.item).map(sampleOf);
    const sides: Side[] = node.label === 'inside' ? ['inside']
      : [node.label, ...(['below', 'above', 'right', 'left'] as Side[])
        .filter((side) => side !== node.label)];
    let best: { cost: number; side: Side; block: Rect; name: boolean; values: number } | undefined;
    for (const [rank, side] of sides.entries())
      for (const name of [true, false])
        for (let values = samples.length; values >= 0; values -= 1) {
          const rows = [...(name ? [node.item.name] : []), ...samples.slice(0, values)];
          if (rows.length === 0) continue;
          const block = blockOf(node, side, rows, size);
          const area = size * size;
          let cost = rank * 9 + (name ? 0 : 17) + (samples.length - values) * 8
            + (values === 0 && samples.length > 0 ? 14 : 0);
          cost += (Math.max(0, -10 - block.x, block.x + block.w - sheet[0] - 10,
            -10 - block.y, block.y + block.h - sheet[1] - 10) / size) * 20;
          for (const one of taken) cost += (overlap(block, one) / area) * 16;
          for (const { node: other, box } of boxes)
            if (other !== node && !(node.inside && contained(box, node)))
              cost += (overlap(block, box) / area) * 10;
          for (const pipe of pipes) cost += (overlap(block, pipe) / area) * 3;
          if (!best || cost < best.cost) best = { cost, side, block, name, values };
        }
    if (!best) continue;
    taken.push(best.block);
    const { side, block } = best;
    places.set(node.item.id, {
      x: (side === 'right' ? block.x : side === 'left' ? block.x + block.w : node.x) - node.x,
      y: block.y + size * 0.95 - node.y,
      anchor: side === 'right' ? 'start' : side === 'left' ? 'end' : 'middle',
      name: best.name, values: best.values,
    });
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
