import type { ValueSource } from '../contract';
import { doubtful, fillShare, motionBinding, motionOf } from '../model/rules';
import type { Bound } from '../model/scene';
import type { Item } from './model';

// What a label tells by a form, as the drawing does: a machine runs (filled) or stands (hollow), a
// valve is open (filled), partly open (half) or closed (hollow), a vessel is so full.
export interface Mark {
  form: 'machine' | 'valve';
  on: number; // 0, 0.5, 1
  doubt: boolean; // not to be believed of now
}

const moving = (item: Item) => ({ kind: item.shape?.kind ?? 'group', bindings: item.bindings });

export const markBinding = (item: Item): Bound | undefined => motionBinding(moving(item));

export function markOf(item: Item, source: ValueSource): Mark | null {
  const by = markBinding(item);
  if (!by) return null;
  const doubt = doubtful(source.read(by.twin, by.property));
  const motion = motionOf(moving(item), source);
  if (motion.kind === 'running' || motion.kind === 'stopped')
    return { form: 'machine', on: motion.kind === 'running' ? 1 : 0, doubt };
  if (motion.kind === 'valve' && Number.isFinite(motion.open))
    return { form: 'valve', on: motion.open >= 0.995 ? 1 : motion.open <= 0.005 ? 0 : 0.5, doubt };
  return { form: item.shape?.kind === 'valve' ? 'valve' : 'machine', on: 0, doubt: true };
}

const fillOf = (item: Item) => item.bindings.find(({ kind }) => kind === 'fill');

export const isVessel = (item: Item): boolean => fillOf(item) !== undefined;

// 0 to 1; NaN where it is not known of now.
export function levelOf(item: Item, source: ValueSource): number {
  const by = fillOf(item);
  const reading = by && source.read(by.twin, by.property);
  return by && !doubtful(reading) ? fillShare(by, reading?.value) : NaN;
}
