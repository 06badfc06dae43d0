import { shortModel, type ModelRow } from '../data';

const nameOf = (row: ModelRow): string => row.displayName || shortModel(row.id);

// Models as a tree by what they extend; one that extends several stands below each.
export interface ModelNode {
  row: ModelRow;
  depth: number;
  key: string;
}

export function modelTree(rows: ModelRow[]): ModelNode[] {
  const known = new Set(rows.map((row) => row.id));
  const below = new Map<string, ModelRow[]>();
  for (const row of rows) {
    const parents = (row.extends ?? []).filter((one) => known.has(one));
    for (const parent of parents.length ? parents : [''])
      below.set(parent, [...(below.get(parent) ?? []), row]);
  }
  const nodes: ModelNode[] = [];
  const above = new Set<string>();
  const add = (parent: string, depth: number, path: string) => {
    const children = (below.get(parent) ?? []).sort((a, b) =>
      nameOf(a).localeCompare(nameOf(b)));
    for (const row of children) {
      if (above.has(row.id)) continue;
      const key = `${path}/${row.id}`;
      nodes.push({ row, depth, key });
      above.add(row.id);
      add(row.id, depth + 1, key);
      above.delete(row.id);
    }
  };
  add('', 0, '');
  return nodes;
}

// Those whose id, name or description has the text, flat.
export function findModels(rows: ModelRow[], text: string): ModelNode[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return modelTree(rows);
  return rows
    .filter((row) => `${row.id} ${row.displayName ?? ''} ${row.description ?? ''}`
      .toLowerCase().includes(wanted))
    .map((row) => ({ row, depth: 0, key: row.id }));
}
