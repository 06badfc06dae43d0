import type { BoundInfo } from '../sources/live';
import { isEquipment, keyOf, type SceneModel } from './scene';

// Looks for equipment by all that it is called: its name, its id in the scene, its twin, and the
// points of its values.
export interface Findable { id: string; name: string; calls: string[] }
export interface Found { id: string; name: string; why: string }

export const finderOf = (model: SceneModel, info: ReadonlyMap<string, BoundInfo>): Findable[] =>
  model.items.filter((item) => item.selectable && item.bindings.length > 0)
    // Pumps come before the pipes that are named after them.
    .sort((a, b) => Number(isEquipment(b)) - Number(isEquipment(a))).map((item) => ({
    id: item.id, name: item.name,
    calls: [...new Set([item.id, ...(item.twin ? [item.twin] : []),
      ...item.bindings.flatMap((one) => {
        const point = info.get(keyOf(one.twin, one.property))?.point;
        return [`${one.twin}/${one.property}`, ...(point ? [point] : [])];
      })])],
  }));

const folded = (text: string): string => text.toLowerCase().replace(/[\s_-]+/g, ' ');

// Every word must occur in one and the same call, or in the name; names come first, and of those
// the ones that begin so.
export function findIn(all: readonly Findable[], text: string, most: number): Found[] {
  const wanted = folded(text).trim().split(' ').filter(Boolean);
  const meets = (call: string) => wanted.every((word) => folded(call).includes(word));
  const found: { rank: number; one: Found }[] = [];
  for (const { id, name, calls } of all) {
    if (meets(name)) {
      const rank = wanted[0] && folded(name).startsWith(wanted[0]) ? 0 : 1;
      found.push({ rank, one: { id, name, why: calls[1] ?? id } });
      continue;
    }
    const call = calls.find(meets);
    if (call !== undefined) found.push({ rank: 2, one: { id, name, why: call } });
  }
  return found.sort((a, b) => a.rank - b.rank).slice(0, most).map(({ one }) => one);
}
