import { schematicOf, type Item, type Point, type SceneModel, type Side } from '../model/scene';

// Where everything of the drawing stands. The sheet's own units, but one axis may be stretched so
// that a wide sheet uses a tall window: distances grow, symbols keep their form.
export interface Placed {
  item: Item;
  symbol: string;
  x: number;
  y: number;
  w: number;
  h: number;
  rotation: number;
  label: Side;
  inside: boolean; // it stands within another symbol
}

export interface PlacedLine {
  item: Item;
  from: Placed | undefined;
  to: Placed | undefined;
  path: Point[] | undefined;
}

export interface Sheet {
  width: number;
  height: number;
  stretch: Point;
  nodes: Placed[];
  lines: PlacedLine[];
}

export const symbolSizes: Record<string, Point> = {
  box: [36, 36], tank: [50, 60], basin: [100, 56], clarifier: [110, 56], filter: [60, 60],
  pump: [32, 32], mixer: [28, 40], valve: [30, 18], building: [70, 48], tower: [52, 84],
  river: [60, 160], meter: [28, 28], blower: [32, 32], dosing: [28, 28], label: [80, 16],
  area: [70, 50],
};

const byShape: Record<string, string> = {
  tank: 'tank', basin: 'basin', clarifier: 'clarifier', filter: 'filter', pump: 'pump',
  mixer: 'mixer', valve: 'valve', building: 'building', tower: 'tower', river: 'river',
  pipe: 'line', label: 'label', area: 'area', arrow: 'line',
};

// What grows with the distances: it spans others, or is no machine.
const stretched = new Set(['box', 'river', 'area']);

export function symbolOf(item: Item): string {
  const drawn = schematicOf(item.node);
  if (!drawn) return 'none';
  const symbol = drawn.symbol ?? 'auto';
  return symbol === 'auto' ? byShape[item.kind] ?? 'box' : symbol;
}

const contains = (outer: Placed, inner: Placed): boolean =>
  outer !== inner
  && inner.x - inner.w / 2 >= outer.x - outer.w / 2 - 1
  && inner.x + inner.w / 2 <= outer.x + outer.w / 2 + 1
  && Math.abs(inner.y - outer.y) < outer.h / 2
  && outer.w * outer.h > inner.w * inner.h;

export function placeSheet(
  model: SceneModel, stretch: Point, hidden: ReadonlySet<string>,
): Sheet {
  const nodes: Placed[] = [];
  const drawn = model.items.filter((item) => !item.layer || !hidden.has(item.layer));
  for (const item of drawn) {
    const symbol = symbolOf(item);
    const given = schematicOf(item.node);
    if (symbol === 'none' || symbol === 'line' || !given?.position) continue;
    const rotation = Number(given.rotation ?? 0) % 360;
    const [width, height] = given.size ?? symbolSizes[symbol] ?? [40, 40];
    const grow: Point = stretched.has(symbol) ? stretch : [1, 1];
    nodes.push({
      item, symbol, rotation,
      x: given.position[0] * stretch[0], y: given.position[1] * stretch[1],
      w: width * grow[0], h: height * grow[1], label: given.label ?? 'below', inside: false,
    });
  }
  for (const node of nodes) node.inside = nodes.some((other) => contains(other, node));
  const byId = new Map(nodes.map((node) => [node.item.id, node]));
  const lines: PlacedLine[] = [];
  for (const item of drawn) {
    const given = schematicOf(item.node);
    if (symbolOf(item) !== 'line' || !given) continue;
    const from = given.from ? byId.get(given.from) : undefined;
    const to = given.to ? byId.get(given.to) : undefined;
    const path = given.path?.map(([x, y]): Point => [x * stretch[0], y * stretch[1]]);
    if (!path && !(from && to)) continue;
    lines.push({ item, from, to, path });
  }
  const [width, height] = model.sheet ?? extent(nodes);
  return { width: width * stretch[0], height: height * stretch[1], stretch, nodes, lines };
}

function extent(nodes: Placed[]): Point {
  return [
    Math.max(400, ...nodes.map((node) => node.x + node.w / 2 + 60)),
    Math.max(300, ...nodes.map((node) => node.y + node.h / 2 + 60)),
  ];
}

// How much to stretch a sheet for a window: at most to the double, so that it still looks drawn;
// what it gains is room for words.
export function stretchFor(sheet: Point, window: Point): Point {
  const ratio = (window[1] / window[0]) * (sheet[0] / sheet[1]);
  const limited = Math.min(2, Math.max(1 / 1.5, ratio || 1));
  const stepped = Math.round(limited * 20) / 20;
  return stepped >= 1 ? [1, stepped] : [1 / stepped, 1];
}
