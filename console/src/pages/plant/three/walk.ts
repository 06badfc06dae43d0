import type { Item } from './model';

// From equipment to equipment by keys.
export interface Walked { id: string; name: string; place: number; count: number }

// The one after or before where the keyboard is; null beyond the ends.
export function nextOf(list: readonly Item[], from: string | null, by: -1 | 1): Walked | null {
  const at = list.findIndex(({ id }) => id === from);
  const next = at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by;
  const item = list[next];
  return item ? { id: item.id, name: item.name, place: next + 1, count: list.length } : null;
}
