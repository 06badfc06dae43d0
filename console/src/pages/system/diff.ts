// What differs between two values, member by member; lists are compared by place.
export interface Change {
  path: string;
  old: string;
  new: string;
  kind: 'added' | 'removed' | 'changed';
}

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

export const plain = (value: unknown): string =>
  (value === undefined || value === null ? '' : typeof value === 'string' ? value
    : JSON.stringify(value));

export function changesOf(before: unknown, after: unknown, path = ''): Change[] {
  if (isTree(before) && isTree(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) =>
      changesOf(before[name], after[name], path ? `${path}.${name}` : name));
  }
  const old = plain(before);
  const now = plain(after);
  if (old === now) return [];
  // One side is nothing: the other's members one by one, so that they can be read.
  if (old === '' && isTree(after) && Object.keys(after).length > 0)
    return Object.entries(after).flatMap(([name, value]) =>
      changesOf(undefined, value, path ? `${path}.${name}` : name));
  if (now === '' && isTree(before) && Object.keys(before).length > 0)
    return Object.entries(before).flatMap(([name, value]) =>
      changesOf(value, undefined, path ? `${path}.${name}` : name));
  return [{ path, old, new: now,
    kind: old === '' ? 'added' : now === '' ? 'removed' : 'changed' }];
}

// The change in a few words, for a row of a table.
export function shortly(changes: Change[], most = 3): string {
  const one = (change: Change) => (change.kind === 'changed'
    ? `${change.path} ${change.old} → ${change.new}`
    : change.kind === 'added' ? `+ ${change.path} ${change.new}` : `− ${change.path}`).trim();
  const shown = changes.slice(0, most).map(one).join(', ');
  return changes.length > most ? `${shown}, +${changes.length - most}` : shown;
}
