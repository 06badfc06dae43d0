import type { Point } from '../model/scene';
import type { Placed, PlacedLine, Sheet } from './place';

// Ways of the lines at right angles: around symbols, with few bends, together where they come from
// or lead to the same thing, as headers do. A* on the lines through the symbols' middles and along
// their edges; some 0.2 s for 40 lines of 60 symbols. Beyond that many it draws plain steps.
const most = 160;
const margin = 11;
const bend = 26;
const crossing = 14;

interface Grid { xs: number[]; ys: number[]; blocked: Uint8Array }
interface End { cell: number; at: Point; cost: number }

const spans = (node: Placed) => node.h > 66 || node.w > 66;

function thinned(values: number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.filter((value, index) =>
    index === 0 || value - (sorted[index - 1] as number) > 0.5);
}

function gridOf(boxes: Placed[], width: number, height: number): Grid {
  const xs = thinned(boxes.flatMap((b) => [b.x, b.x - b.w / 2 - margin, b.x + b.w / 2 + margin]));
  const ys = thinned(boxes.flatMap((b) => [b.y, b.y - b.h / 2 - margin, b.y + b.h / 2 + margin])
    .filter((y) => y > -40 && y < height + 40));
  const blocked = new Uint8Array(xs.length * ys.length);
  void width;
  for (const box of boxes)
    for (let j = 0; j < ys.length; j += 1) {
      if (Math.abs((ys[j] as number) - box.y) > box.h / 2 + 4) continue;
      for (let i = 0; i < xs.length; i += 1)
        if (Math.abs((xs[i] as number) - box.x) <= box.w / 2 + 4) blocked[j * xs.length + i] = 1;
    }
  return { xs, ys, blocked };
}

// Where a line may leave or reach a symbol. Machines have nozzles in the middle of their sides;
// what is long may be met anywhere along it.
function endsOf(node: Placed, grid: Grid, leaving: boolean): End[] {
  const { xs, ys } = grid;
  const ends: End[] = [];
  const left = node.x - node.w / 2;
  const top = node.y - node.h / 2;
  const add = (i: number, j: number, at: Point, cost: number) => {
    if (i >= 0 && j >= 0 && !grid.blocked[j * xs.length + i])
      ends.push({ cell: j * xs.length + i, at, cost });
  };
  const near = (list: number[], value: number) =>
    list.findIndex((one) => Math.abs(one - value) < 0.6);
  const along = (list: number[], middle: number, half: number): number[] => (spans(node)
    ? list.flatMap((v, i) => (Math.abs(v - middle) <= half - 5 ? [i] : []))
    : [near(list, middle)]);
  const upward = node.label === 'above' ? 60 : 22;
  const downward = node.label === 'below' ? 60 : 22;
  for (const j of along(ys, node.y, node.h / 2)) {
    const y = ys[j];
    if (y === undefined) continue;
    const off = Math.abs(y - node.y) * 0.15;
    add(near(xs, left - margin), j, [left, y], off + (leaving ? 40 : 0));
    add(near(xs, left + node.w + margin), j, [left + node.w, y], off + (leaving ? 0 : 40));
  }
  for (const i of along(xs, node.x, node.w / 2)) {
    const x = xs[i];
    if (x === undefined) continue;
    const off = Math.abs(x - node.x) * 0.15;
    add(i, near(ys, top - margin), [x, top], off + upward);
    add(i, near(ys, top + node.h + margin), [x, top + node.h], off + downward);
  }
  return ends;
}

// A binary heap of numbers by their cost.
class Heap {
  private ids: number[] = [];
  private costs: number[] = [];
  get size(): number { return this.ids.length; }
  push(id: number, cost: number): void {
    let at = this.ids.length;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if ((this.costs[up] as number) <= cost) break;
      this.ids[at] = this.ids[up] as number;
      this.costs[at] = this.costs[up] as number;
      at = up;
    }
    this.ids[at] = id;
    this.costs[at] = cost;
  }
  pop(): number {
    const first = this.ids[0] as number;
    const id = this.ids.pop() as number;
    const cost = this.costs.pop() as number;
    const size = this.ids.length;
    if (size === 0) return first;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= size) break;
      if (down + 1 < size && (this.costs[down + 1] as number) < (this.costs[down] as number))
        down += 1;
      if ((this.costs[down] as number) >= cost) break;
      this.ids[at] = this.ids[down] as number;
      this.costs[at] = this.costs[down] as number;
      at = down;
    }
    this.ids[at] = id;
    this.costs[at] = cost;
    return first;
  }
}

// Which lines run along an edge of the grid, by what they come from and lead to.
type Used = Map<number, Set<string>>;

class Router {
  private used: Used = new Map();
  private best: Float64Array;
  private back: Int32Array;
  constructor(private grid: Grid) {
    const states = grid.xs.length * grid.ys.length * 4;
    this.best = new Float64Array(states);
    this.back = new Int32Array(states);
  }

  route(from: Placed, to: Placed): Point[] | undefined {
    const starts = endsOf(from, this.grid, true);
    const goals = new Map(endsOf(to, this.grid, false).map((end) => [end.cell, end]));
    if (starts.length === 0 || goals.size === 0) return undefined;
    const groups = [`<${from.item.id}`, `>${to.item.id}`];
    const found = this.search(starts, goals, to, groups);
    if (found < 0) return undefined;
    const cells: number[] = [];
    for (let state = found; state >= 0; state = this.back[state] as number) cells.push(state >> 2);
    cells.reverse();
    this.mark(cells, groups);
    const start = starts.find((end) => end.cell === cells[0]) as End;
    const goal = goals.get(cells[cells.length - 1] as number) as End;
    return straightened([start.at, ...cells.map((cell) => this.point(cell)), goal.at]);
  }

  private point(cell: number): Point {
    const n = this.grid.xs.length;
    return [this.grid.xs[cell % n] as number, this.grid.ys[Math.floor(cell / n)] as number];
  }

  private search(
    starts: End[], goals: Map<number, End>, to: Placed, groups: string[],
  ): number {
    const { xs, ys, blocked } = this.grid;
    const n = xs.length;
    this.best.fill(Infinity);
    this.back.fill(-1);
    const heap = new Heap();
    const far = (i: number, j: number) => 0.5 * (
      Math.max(0, Math.abs((xs[i] as number) - to.x) - to.w / 2 - margin)
      + Math.max(0, Math.abs((ys[j] as number) - to.y) - to.h / 2 - margin));
    for (const end of starts)
      for (let d = 0; d < 4; d += 1) {
        // Leaving straight on costs no bend.
        const [x, y] = this.point(end.cell);
        const straight = (end.at[0] < x && d === 0) || (end.at[0] > x && d === 2)
          || (end.at[1] < y && d === 1) || (end.at[1] > y && d === 3);
        const cost = end.cost + (straight ? 0 : bend);
        const state = end.cell * 4 + d;
        if (cost < (this.best[state] as number)) {
          this.best[state] = cost;
          heap.push(state, cost + far(end.cell % n, Math.floor(end.cell / n)));
        }
      }
    let answer = -1;
    let least = Infinity;
    while (heap.size > 0) {
      const state = heap.pop();
      const cost = this.best[state] as number;
      if (cost >= least) continue;
      const cell = state >> 2;
      const d = state & 3;
      const i = cell % n;
      const j = Math.floor(cell / n);
      const goal = goals.get(cell);
      if (goal) {
        const [x, y] = this.point(cell);
        const straight = (goal.at[0] > x && d === 0) || (goal.at[0] < x && d === 2)
          || (goal.at[1] > y && d === 1) || (goal.at[1] < y && d === 3);
        const whole = cost + goal.cost + (straight ? 0 : bend);
        if (whole < least) {
          least = whole;
          answer = state;
        }
      }
      for (let turn = 0; turn < 4; turn += 1) {
        if (turn === (d + 2) % 4) continue;
        const i2 = i + (turn === 0 ? 1 : turn === 2 ? -1 : 0);
        const j2 = j + (turn === 1 ? 1 : turn === 3 ? -1 : 0);
        if (i2 < 0 || j2 < 0 || i2 >= n || j2 >= ys.length) continue;
        const next = j2 * n + i2;
        if (blocked[next]) continue;
        const length = Math.abs((xs[i2] as number) - (xs[i] as number))
          + Math.abs((ys[j2] as number) - (ys[j] as number));
        const step = this.along(cell, next, length, groups)
          + (turn === d ? 0 : bend) + this.across(next, turn, groups);
        const state2 = next * 4 + turn;
        if (cost + step < (this.best[state2] as number) - 1e-9) {
          this.best[state2] = cost + step;
          this.back[state2] = state;
          heap.push(state2, cost + step + far(i2, j2));
        }
      }
    }
    return answer;
  }

  private edge(a: number, b: number): number {
    return Math.min(a, b) * 2 + (Math.abs(a - b) === 1 ? 0 : 1);
  }

  // Along its own kind a line is cheap, along a foreign one dear.
  private along(a: number, b: number, length: number, groups: string[]): number {
    const others = this.used.get(this.edge(a, b));
    if (!others) return length;
    return groups.some((one) => others.has(one)) ? length * 0.5 : length * 4 + 30;
  }

  private across(cell: number, direction: number, groups: string[]): number {
    const n = this.grid.xs.length;
    const foreign = (edge: number) => {
      const others = this.used.get(edge);
      return others !== undefined && !groups.some((one) => others.has(one));
    };
    const crossed = direction % 2 === 0
      ? foreign(cell * 2 + 1) || foreign((cell - n) * 2 + 1)
      : foreign(cell * 2) || foreign((cell - 1) * 2);
    return crossed ? crossing : 0;
  }

  private mark(cells: number[], groups: string[]): void {
    for (let at = 1; at < cells.length; at += 1) {
      const edge = this.edge(cells[at - 1] as number, cells[at] as number);
      const set = this.used.get(edge) ?? new Set<string>();
      for (const one of groups) set.add(one);
      this.used.set(edge, set);
    }
  }
}

// Without points in the middle of a straight piece.
export function straightened(points: Point[]): Point[] {
  const kept: Point[] = [];
  for (const point of points) {
    const last = kept[kept.length - 1];
    if (last && Math.abs(last[0] - point[0]) < 0.01
      && Math.abs(last[1] - point[1]) < 0.01) continue;
    const before = kept[kept.length - 2];
    if (last && before
      && ((Math.abs(before[0] - last[0]) < 0.01 && Math.abs(last[0] - point[0]) < 0.01)
        || (Math.abs(before[1] - last[1]) < 0.01 && Math.abs(last[1] - point[1]) < 0.01)))
      kept[kept.length - 1] = point;
    else kept.push(point);
  }
  return kept;
}

// One step at right angles, for very large drawings and where no way was found.
export function plainRoute(from: Placed, to: Placed): Point[] {
  const right = to.x >= from.x;
  const x1 = from.x + (right ? 1 : -1) * from.w / 2;
  const x2 = to.x - (right ? 1 : -1) * to.w / 2;
  const middle = (x1 + x2) / 2;
  return straightened([[x1, from.y], [middle, from.y], [middle, to.y], [x2, to.y]]);
}

export function routeLines(sheet: Sheet): Map<PlacedLine, Point[]> {
  const routes = new Map<PlacedLine, Point[]>();
  const open = sheet.lines.filter((line) => {
    if (line.path) routes.set(line, line.path);
    return !line.path && line.from && line.to;
  });
  const boxes = sheet.nodes.filter((node) => !node.inside && node.symbol !== 'label');
  const router = open.length <= most && boxes.length <= most
    ? new Router(gridOf(boxes, sheet.width, sheet.height)) : undefined;
  const length = (line: PlacedLine) => line.from && line.to
    ? Math.abs(line.from.x - line.to.x) + Math.abs(line.from.y - line.to.y) : 0;
  // Short ones first: they have the least choice.
  for (const line of [...open].sort((a, b) => length(a) - length(b))) {
    const from = line.from as Placed;
    const to = line.to as Placed;
    routes.set(line, router?.route(from, to) ?? plainRoute(from, to));
  }
  return routes;
}

// A path with rounded corners.
export function roundedPath(points: Point[], radius: number): string {
  const [first] = points;
  if (!first) return '';
  let path = `M${first[0].toFixed(1)} ${first[1].toFixed(1)}`;
  for (let at = 1; at < points.length; at += 1) {
    const here = points[at] as Point;
    const next = points[at + 1];
    const before = points[at - 1] as Point;
    if (!next) {
      path += `L${here[0].toFixed(1)} ${here[1].toFixed(1)}`;
      break;
    }
    const pull = (other: Point): Point => {
      const size = Math.hypot(other[0] - here[0], other[1] - here[1]) || 1;
      const share = Math.min(radius, size / 2) / size;
      return [here[0] + (other[0] - here[0]) * share, here[1] + (other[1] - here[1]) * share];
    };
    const a = pull(before);
    const b = pull(next);
    path += `L${a[0].toFixed(1)} ${a[1].toFixed(1)}Q${here[0].toFixed(1)} ${here[1].toFixed(1)} ` +
      `${b[0].toFixed(1)} ${b[1].toFixed(1)}`;
  }
  return path;
}

// The middle of the longest piece: where an arrow and a line's values stand.
export function longestPiece(points: Point[]): { middle: Point; angle: number; length: number } {
  let best = { middle: points[0] ?? [0, 0] as Point, angle: 0, length: 0 };
  for (let at = 1; at < points.length; at += 1) {
    const [x1, y1] = points[at - 1] as Point;
    const [x2, y2] = points[at] as Point;
    const length = Math.hypot(x2 - x1, y2 - y1);
    if (length > best.length)
      best = {
        middle: [(x1 + x2) / 2, (y1 + y2) / 2], length,
        angle: (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI,
      };
  }
  return best;
}
