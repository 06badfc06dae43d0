import { convert, formatNumber, type UnitSet } from '~/lib/units';
import type { BoundInfo } from '../sources/live';
import { keyOf, type SceneModel } from './scene';

// A scale of colours that the scene uses: which value has which.
export interface Scale {
  title: string;
  unit: string;
  smooth: boolean;
  stops: { text: string; colour: string }[];
}

const scalesAtMost = 8;

// All scales of the scene, each once; the drawing colours only what stands in a vessel.
export function scalesOf(model: SceneModel, info: ReadonlyMap<string, BoundInfo>, spatial: boolean,
  set: UnitSet): Scale[] {
  const scales = new Map<string, Scale>();
  for (const item of model.items)
    for (const one of item.bindings) {
      if (one.kind !== 'colour' || !one.stops || one.stops.length < 2) continue;
      if (!spatial && one.part !== 'water') continue;
      const known = info.get(keyOf(one.twin, one.property));
      const stored = item.bindings.find((other) =>
        other.property === one.property && other.unit)?.unit ?? known?.unit;
      const key = `${one.property} ${one.stops.map(([value]) => value).join()}`;
      if (scales.has(key)) continue;
      scales.set(key, {
        title: known?.title ?? one.property, unit: convert(0, stored, set).unit,
        smooth: one.smooth === true,
        stops: one.stops.map(([value, colour]) => ({
          text: formatNumber(convert(value, stored, set).value), colour })),
      });
    }
  // What is of water first: head loss, turbidity.
  return [...scales.values()].slice(0, scalesAtMost);
}
