import type { RawNode, RawScene, Vector } from './data';
import { localised, type LocalText } from '~/words/localised';

// Changes of a scene, each a new scene that shares with the old one what stayed.
export const idLike = /^[-\w.:/]{1,128}$/;

export const changeNode = (scene: RawScene, id: string, change: Partial<RawNode>): RawScene => ({
  ...scene,
  nodes: scene.nodes.map((node) => (node.id === id ? without({ ...node, ...change }) : node)),
});

// A member that is undefined or empty is as if it were left out.
function without(node: RawNode): RawNode {
  return Object.fromEntries(Object.entries(node)
    .filter(([, value]) => value !== undefined && value !== '')) as RawNode;
}

// The id, where others lean on it as well: parents, and the ends of lines in the drawing.
export function renameNode(scene: RawScene, id: string, next: string): RawScene {
  return { ...scene, nodes: scene.nodes.map((node) => {
    const drawn = node.schematic as Record<string, unknown> | undefined;
    const ends = drawn && (drawn.from === id || drawn.to === id);
    if (node.id !== id && node.parent !== id && !ends) return node;
    return {
      ...node, id: node.id === id ? next : node.id,
      ...(node.parent === id ? { parent: next } : {}),
      ...(ends ? { schematic: {
        ...drawn, ...(drawn.from === id ? { from: next } : {}),
        ...(drawn.to === id ? { to: next } : {}),
      } } : {}),
    };
  }) };
}

export function freeId(scene: RawScene, begin: string): string {
  const taken = new Set(scene.nodes.map((node) => node.id));
  for (let n = 1; ; n++) if (!taken.has(`${begin}${n}`)) return `${begin}${n}`;
}

export function addNode(scene: RawScene, position: Vector, like?: RawNode):
  { scene: RawScene; id: string } {
  const id = freeId(scene, like ? `${like.id.replace(/\d+$/, '').slice(0, 120)}` : 'node');
  const node: RawNode = like ? { ...like, id, position }
    : { id, position, shape: { kind: 'tank' } };
  if (like) delete node.schematic;
  return { scene: { ...scene, nodes: [...scene.nodes, node] }, id };
}

// The node, what stands below it, and in the drawing the lines that ended there.
export function belowNode(scene: RawScene, id: string): string[] {
  const found = new Set([id]);
  for (let more = true; more;) {
    more = false;
    for (const node of scene.nodes)
      if (node.parent && found.has(node.parent) && !found.has(node.id)) {
        found.add(node.id);
        more = true;
      }
  }
  return [...found];
}

export function dropNode(scene: RawScene, id: string): RawScene {
  const gone = new Set(belowNode(scene, id));
  return {
    ...scene,
    nodes: scene.nodes.filter((node) => !gone.has(node.id)).map((node) => {
      const drawn = node.schematic as { from?: string; to?: string } | undefined;
      if (!gone.has(drawn?.from ?? '') && !gone.has(drawn?.to ?? '')) return node;
      const { schematic: _, ...rest } = node;
      return rest as RawNode;
    }),
  };
}

// A text for people in one more language: one text alone stays a text.
export function spoken(before: LocalText | undefined, language: string, text: string):
  LocalText | undefined {
  if (before === undefined || typeof before === 'string') return text || undefined;
  const tag = Object.keys(before).find((one) => one.split('-')[0] === language) ?? language;
  const next = { ...before, [tag]: text };
  if (!text) delete next[tag];
  return Object.keys(next).length ? next : undefined;
}

export const nameOf = (node: RawNode): string => localised(node.name) || node.id;

export interface NodeChange {
  id: string; // '' for what is not a node
  what: 'added' | 'removed' | 'changed';
  members: string[]; // that differ
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const membersThatDiffer = (a: object, b: object): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) =>
    !same((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]));

// What one scene has otherwise than another, by node.
export function changesOf(before: RawScene, after: RawScene): NodeChange[] {
  const changes: NodeChange[] = [];
  const { nodes: oldNodes, ...oldRest } = before;
  const { nodes: newNodes, ...newRest } = after;
  const rest = membersThatDiffer(oldRest, newRest);
  if (rest.length) changes.push({ id: '', what: 'changed', members: rest });
  const old = new Map(oldNodes.map((node) => [node.id, node]));
  for (const node of newNodes) {
    const its = old.get(node.id);
    old.delete(node.id);
    if (!its) changes.push({ id: node.id, what: 'added', members: [] });
    else if (its !== node) {
      const members = membersThatDiffer(its, node);
      if (members.length) changes.push({ id: node.id, what: 'changed', members });
    }
  }
  for (const id of old.keys()) changes.push({ id, what: 'removed', members: [] });
  return changes;
}

// My changes upon theirs, node by node and member by member; where both changed the same member
// mine holds, and is named.
export function merged(base: RawScene, mine: RawScene, theirs: RawScene):
  { scene: RawScene; clashes: string[] } {
  const clashes: string[] = [];
  const take = (name: string, from: Record<string, unknown>, to: Record<string, unknown>,
    members: string[], theirMembers: string[]): void => {
    for (const member of members) {
      if (theirMembers.includes(member) && !same(from[member], to[member]))
        clashes.push(name ? `${name}.${member}` : member);
      if (from[member] === undefined) delete to[member];
      else to[member] = from[member];
    }
  };
  const byId = (changes: NodeChange[]) => new Map(changes.map((one) => [one.id, one]));
  const theirChanges = byId(changesOf(base, theirs));
  const nodes = new Map(theirs.nodes.map((node) => [node.id, { ...node }]));
  const out: RawScene = { ...theirs };
  for (const change of changesOf(base, mine)) {
    const other = theirChanges.get(change.id);
    if (change.id === '') {
      take('', mine, out, change.members, other?.members ?? []);
      continue;
    }
    const own = mine.nodes.find((node) => node.id === change.id);
    if (change.what === 'removed') {
      if (other?.what === 'changed') clashes.push(change.id);
      nodes.delete(change.id);
    } else if (own) {
      const its = nodes.get(change.id);
      if (change.what === 'added' || !its) {
        if (other) clashes.push(change.id);
        nodes.set(change.id, own);
      } else take(change.id, own, its, change.members, other?.members ?? []);
    }
  }
  return { scene: { ...out, nodes: [...nodes.values()] }, clashes };
}
