import type { PointInfo } from '~/lib/points';

// Points as a tree of their paths' levels, as far as it is open.
export interface Branch {
  kind: 'branch';
  path: string;
  name: string;
  depth: number;
  count: number;
  open: boolean;
}

export interface Leaf {
  kind: 'leaf';
  path: string;
  name: string;
  depth: number;
  point: PointInfo;
}

export type TreeRow = Branch | Leaf;

interface Node {
  children: Map<string, Node>;
  point?: PointInfo;
  count: number;
}

function grow(points: PointInfo[]): Node {
  const root: Node = { children: new Map(), count: 0 };
  for (const point of points) {
    let node = root;
    for (const level of point.point.split('/')) {
      let next = node.children.get(level);
      if (!next) node.children.set(level, (next = { children: new Map(), count: 0 }));
      next.count += 1;
      node = next;
    }
    node.point = point;
  }
  return root;
}

// With a search everything that is found is open.
export function treeRows(
  points: PointInfo[], open: ReadonlySet<string>, search: string,
): TreeRow[] {
  const wanted = search.trim().toLowerCase();
  const found = wanted
    ? points.filter((point) => point.point.toLowerCase().includes(wanted)) : points;
  const rows: TreeRow[] = [];
  const walk = (node: Node, path: string, depth: number) => {
    for (const [name, child] of [...node.children].sort(([a], [b]) =>
      a.localeCompare(b, undefined, { numeric: true }))) {
      const at = path ? `${path}/${name}` : name;
      if (child.point) rows.push({ kind: 'leaf', path: at, name, depth, point: child.point });
      if (child.children.size === 0) continue;
      const isOpen = wanted !== '' || open.has(at);
      rows.push({ kind: 'branch', path: at, name, depth, open: isOpen,
        count: child.count - (child.point ? 1 : 0) });
      if (isOpen) walk(child, at, depth + 1);
    }
  };
  walk(grow(found), '', 0);
  return rows;
}
