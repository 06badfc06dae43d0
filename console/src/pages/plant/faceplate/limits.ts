import type { SceneModel } from '../model/scene';

// Between what a value lies, and where its normal band ends: as the scene's bindings have it.
export interface Limits { min?: number; max?: number; low?: number; high?: number }

export function limitsOf(model: SceneModel, twin: string | undefined): Map<string, Limits> {
  const all = new Map<string, Limits>();
  for (const item of model.items)
    for (const one of item.bindings) {
      if (one.twin !== twin) continue;
      const known = all.get(one.property) ?? {};
      if (one.kind === 'fill') Object.assign(known, { min: one.min ?? 0, max: one.max ?? 1 });
      else if (one.kind === 'badge' && one.when && typeof one.when.value === 'number') {
        const { op, value } = one.when;
        // The nearest limit of each side counts.
        if (op === '>' || op === '>=') known.high = Math.min(known.high ?? Infinity, value);
        else if (op === '<' || op === '<=') known.low = Math.max(known.low ?? -Infinity, value);
      } else if (one.kind === 'colour' && one.stops && one.stops.length > 1) {
        known.min ??= one.stops[0]?.[0];
        known.max ??= one.stops[one.stops.length - 1]?.[0];
      }
      all.set(one.property, known);
    }
  return all;
}

// The range that a bar needs; none where nothing says how far a value goes.
export function rangeOf(limits: Limits | undefined,
  slot: { minimum?: number; maximum?: number; unit?: string }):
  { min: number; max: number; low?: number; high?: number } | null {
  const { low, high } = limits ?? {};
  // Shares go from nothing to all, whatever colours the scene begins and ends with.
  const share = slot.unit === '%' ? { minimum: 0, maximum: 100 } : undefined;
  let min = share?.minimum ?? limits?.min ?? slot.minimum;
  let max = share?.maximum ?? limits?.max ?? slot.maximum;
  if (min === undefined && high !== undefined) min = 0;
  if (max === undefined && high !== undefined) max = high * 1.5;
  if (max === undefined && low !== undefined) max = low * 3;
  if (min === undefined && low !== undefined) min = 0;
  if (min === undefined || max === undefined || !(max > min)) return null;
  return {
    min: Math.min(min, low ?? min), max: Math.max(max, high ?? max),
    ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }),
  };
}
