// What a site is doing, out of the values of its twins. Ranges that are normal, and why:
// - turbidity of what leaves the works: up to 0.3 NTU (US EPA, 40 CFR 141.551: 95 % of readings);
// - free chlorine: 0.2 to 2 mg/L (WHO, Guidelines for drinking-water quality: at least 0.2 at the
//   point of delivery; above some 2 it is tasted);
// - pressure in the network: not under 1.4 bar (20 psi, US EPA and AWWA), which is when water may
//   enter from outside.
import type { LocalText } from '~/words/localised';

export interface TwinValue {
  value: number | string | boolean | object | null;
  time?: string;
  quality: string;
  unit?: string;
  origin: string;
  point?: string;
}

export interface Twin {
  id: string;
  model: string;
  name?: LocalText;
  properties: Record<string, TwinValue>;
  relationships: { name: string; target: string }[];
}

export const measureKeys = [
  'supply', 'demand', 'storage', 'pressure', 'turbidity', 'chlorine', 'energy',
] as const;
export type MeasureKey = (typeof measureKeys)[number];

export interface Measure {
  key: MeasureKey;
  value: number | null;
  unit: string;
  quality: string;
  time: string;
  // The point whose history tells how it was; undefined where it is not kept.
  point?: string;
  min: number;
  max: number;
  low?: number; // of what is normal
  high?: number;
}

interface Source {
  kind: string; // last part of the model's name, without its version
  property: string;
  // Of several twins: the sum, the least, the greatest, or only where there is one.
  join: 'sum' | 'min' | 'max' | 'one';
}

// The first source that has a value is taken.
const sources: Record<MeasureKey, Source[]> = {
  supply: [{ kind: 'Site', property: 'supply', join: 'sum' },
    { kind: 'Works', property: 'outflow', join: 'sum' }],
  demand: [{ kind: 'Site', property: 'demand', join: 'sum' },
    { kind: 'PressureZone', property: 'demand', join: 'sum' }],
  storage: [{ kind: 'Site', property: 'storage', join: 'sum' },
    { kind: 'Works', property: 'storage', join: 'sum' }],
  pressure: [{ kind: 'Site', property: 'lowest_pressure', join: 'min' },
    { kind: 'PressureZone', property: 'lowest_pressure', join: 'min' }],
  turbidity: [{ kind: 'Works', property: 'worst_turbidity', join: 'max' }],
  chlorine: [{ kind: 'PressureZone', property: 'least_chlorine', join: 'min' },
    { kind: 'Works', property: 'least_chlorine', join: 'min' }],
  energy: [{ kind: 'Site', property: 'specific_energy', join: 'one' },
    { kind: 'Works', property: 'specific_energy', join: 'one' }],
};

// A measured point that stands for a derived value which is not kept, where there is but one.
const standIns: Partial<Record<MeasureKey, { property: string; kinds: string[] }>> = {
  turbidity: { kinds: ['TreatedWaterAnalyzer'], property: 'turbidity' },
  energy: { kinds: ['WorksEnergyMeter'], property: 'specific' },
  storage: { kinds: ['ClearWell', 'Reservoir', 'WaterTower'], property: 'volume' },
};

const scales: Record<MeasureKey, { max: number; low?: number; high?: number }> = {
  supply: { max: 0 }, demand: { max: 0 }, storage: { max: 0 },
  pressure: { max: 8, low: 1.4 }, turbidity: { max: 1, high: 0.3 },
  chlorine: { max: 3, low: 0.2, high: 2 }, energy: { max: 1 },
};

export const kindOf = (model: string): string => model.replace(/^.*:|;\d+$/g, '');

const qualityRank = (quality: string) =>
  quality.startsWith('bad') ? 2 : quality.startsWith('uncertain') ? 1 : 0;

function joinOf(found: TwinValue[], join: Source['join']): number {
  const values = found.map(({ value }) => value as number);
  return join === 'min' ? Math.min(...values) : join === 'max' ? Math.max(...values)
    : join === 'sum' ? values.reduce((a, b) => a + b, 0) : values[0] as number;
}

const sumOf = (twins: Twin[], property: string): number => twins.reduce((sum, twin) => {
  const value = twin.properties[property]?.value;
  return sum + (typeof value === 'number' ? value : 0);
}, 0);

// The upper end of a bar: what the works were built for, where the twins say it.
function topOf(key: MeasureKey, twins: Twin[], value: number): number {
  if (scales[key].max) return scales[key].max;
  const built = key === 'storage' ? sumOf(twins, 'capacity') : sumOf(twins, 'designFlow');
  if (built > 0) return Math.max(built * (key === 'storage' ? 1 : 1.2), value);
  const power = 10 ** Math.floor(Math.log10(Math.max(1e-6, value)));
  return Math.max(1, Math.ceil((value * 1.3) / power) * power);
}

export function measuresOf(twins: Twin[], isKept: (point: string) => boolean): Measure[] {
  return measureKeys.flatMap((key): Measure[] => {
    for (const { kind, property, join } of sources[key]) {
      const from = twins.filter(({ model, properties }) =>
        kindOf(model) === kind && typeof properties[property]?.value === 'number');
      if (from.length === 0 || (join === 'one' && from.length > 1)) continue;
      const found = from.map(({ properties }) => properties[property] as TwinValue);
      const worst = found.reduce((a, b) =>
        qualityRank(b.quality) > qualityRank(a.quality) ? b : a);
      const value = joinOf(found, join);
      return [{
        key, value, unit: found[0]?.unit ?? '', quality: worst.quality,
        time: found.map(({ time }) => time ?? '').sort()[0] ?? '',
        point: keptOf(key, twins).find(isKept),
        min: 0, ...scales[key], max: topOf(key, twins, value),
      }];
    }
    return [];
  });
}

// Points whose history may tell how a measure was, the best first: its own, that of the next source
// of it, a measured one; each only where there is but one twin of the kind.
function keptOf(key: MeasureKey, twins: Twin[]): string[] {
  const ways = sources[key].map(({ kind, property }) => ({ kinds: [kind], property }));
  const standIn = standIns[key];
  return [...ways, ...(standIn ? [standIn] : [])].flatMap(({ kinds, property }) => {
    const own = twins.filter(({ model, properties }) =>
      kinds.includes(kindOf(model)) && properties[property] !== undefined);
    const [one] = own;
    return one && own.length === 1
      ? [one.properties[property]?.point ?? `${one.id}/${property}`] : [];
  });
}

export const outside = ({ value, low, high }: Measure): boolean => value !== null
  && ((low !== undefined && value < low) || (high !== undefined && value > high));
