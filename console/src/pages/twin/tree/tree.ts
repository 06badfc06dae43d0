import type { LocalText } from '~/words/localised';
import type { Twin } from '../data';

// The asset tree as rows: what is loaded and open, flattened for a virtual list.
export interface TreeNode {
  id: string; // of the twin, or the path of a level that has no twin
  label: LocalText;
  model?: string;
  twin: boolean;
}

export interface Branch {
  nodes: TreeNode[];
  next: string | null; // cursor of the page to come
}

export type TreeRow =
  | { kind: 'node'; key: string; node: TreeNode; depth: number; open: boolean; leaf: boolean }
  | { kind: 'more'; key: string; parent: string; depth: number }
  | { kind: 'wait'; key: string; depth: number };

export const nodeOf = (twin: Pick<Twin, 'id' | 'name' | 'model'>): TreeNode => ({
  id: twin.id, label: twin.name || lastOf(twin.id), model: twin.model, twin: true,
});

const lastOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

// '' is the parent of the roots. A node that is among its own ancestors is not opened again.
export function flatten(branches: ReadonlyMap<string, Branch>,
  open: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = [];
  const above = new Set<string>();
  const add = (parent: string, depth: number) => {
    const branch = branches.get(parent);
    if (!branch) {
      rows.push({ kind: 'wait', key: `wait ${parent}`, depth });
      return;
    }
    for (const node of branch.nodes) {
      const own = branches.get(node.id);
      const cyclic = above.has(node.id);
      const leaf = cyclic || (own !== undefined && own.nodes.length === 0 && !own.next);
      const opened = !leaf && open.has(node.id);
      rows.push({
        kind: 'node', key: `${parent} > ${node.id}`, node, depth, open: opened, leaf,
      });
      if (opened) {
        above.add(node.id);
        add(node.id, depth + 1);
        above.delete(node.id);
      }
    }
    if (branch.next) rows.push({ kind: 'more', key: `more ${parent}`, parent, depth });
  };
  add('', 0);
  return rows;
}

// Which of these stand at the top: those that are part of nothing.
export const rootsOf = (twins: Twin[]): Twin[] =>
  twins.filter((twin) => !(twin.relationships ?? []).some((one) => one.name === 'partOf'));

// The next levels below a prefix: those that are twins, and those that only lead to some.
export function levelsBelow(prefix: string, direct: Twin[], sample: Twin[]): TreeNode[] {
  const start = prefix ? `${prefix}/` : '';
  const found = new Map<string, TreeNode>();
  for (const { id } of sample) {
    if (!id.startsWith(start) || id === prefix) continue;
    const level = start + (id.slice(start.length).split('/')[0] ?? '');
    found.set(level, { id: level, label: lastOf(level), twin: false });
  }
  for (const twin of direct)
    if (twin.id !== prefix)
      found.set(twin.id, { ...nodeOf(twin), label: lastOf(twin.id) });
  return [...found.values()].sort((a, b) =>
    a.id.localeCompare(b.id, undefined, { numeric: true }));
}

// "a/b/c" is below "a" and "a/b".
export function prefixesOf(id: string): string[] {
  const parts = id.split('/');
  return parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
