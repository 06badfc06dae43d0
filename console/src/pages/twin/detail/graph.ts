import type { Relationship } from '../data';

// The neighbourhood of a twin; more than this is a list, not a picture.
export const graphLimit = 60;

export interface Graph {
  ids: string[];
  links: { source: string; target: string; names: string[] }[];
  left: number; // neighbours that are not in the picture
}

export function graphOf(id: string, out: Relationship[], into: Relationship[]): Graph {
  const ids = new Set([id]);
  const links = new Map<string, { source: string; target: string; names: string[] }>();
  const leftOut = new Set<string>();
  for (const { source, target, name } of [...out, ...into]) {
    const other = source === id ? target : source;
    if (!ids.has(other) && ids.size > graphLimit) {
      leftOut.add(other);
      continue;
    }
    ids.add(other);
    // There and back is one line with the names of both ways.
    const back = links.get(`${target}\n${source}`);
    const key = `${source}\n${target}`;
    const link = back ?? links.get(key) ?? { source, target, names: [] };
    const label = back ? `← ${name}` : name;
    if (!link.names.includes(label)) link.names.push(label);
    if (!back) links.set(key, link);
  }
  return { ids: [...ids], links: [...links.values()], left: leftOut.size };
}
