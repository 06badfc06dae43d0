import type { Slot } from '../data';

// The point that feeds a slot where its twin says nothing else; null where the pattern needs what
// is not known yet.
export function usualPoint(slot: Slot, id: string): string | null {
  const levels = id.split('/');
  const parts: Record<string, string | undefined> = {
    id, path: slot.path, name: slot.path.split('/').at(-1),
    parent: levels.length > 1 ? levels.slice(0, -1).join('/') : undefined,
  };
  let known = id !== '';
  const text = (slot.point ?? '${id}/${path}').replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    const level = /^id\[(\d+)\]$/.exec(name);
    const found = level ? levels[Number(level[1])] : parts[name];
    if (found === undefined) known = false;
    return found ?? '';
  });
  return known ? text : null;
}

// Slots that points feed.
export const boundSlots = (slots: Slot[]): Slot[] =>
  slots.filter((slot) => !slot.fixed && !slot.expression);

// What the points of this moment feed comes first, then the others, both in the model's order.
export function fedFirst(slots: Slot[], id: string, points: ReadonlySet<string>): Slot[] {
  const fed = (slot: Slot) => points.has(usualPoint(slot, id) ?? '');
  return [...slots.filter(fed), ...slots.filter((slot) => !fed(slot))];
}

export const idFlaw = (id: string): 'idEmpty' | 'idBad' | null =>
  id === '' ? 'idEmpty'
    : /[+#]|^\$|^\/|\/$|\/\/|\p{Cc}/u.test(id) || id.split('/').length > 64 ? 'idBad' : null;

// Values by path to the members of a description: "drive/poles" is a member of drive.
export function nested(values: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const parts = path.split('/');
    let at = out;
    for (const part of parts.slice(0, -1)) {
      at[part] ??= {};
      at = at[part] as Record<string, unknown>;
    }
    at[parts.at(-1) as string] = value;
  }
  return out;
}
