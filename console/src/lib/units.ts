import { languageNow } from './words';
import { usePrefs, type UnitSet } from './prefs';

export type { UnitSet };

// Units are stored once and converted at the edge: here. A unit that the table does not know is
// shown as it is. Factors: NIST SP 811, US gallon 3.785411784 l, foot 0.3048 m, psi 6.894757 kPa.
interface Conversion {
  to: string;
  factor: number;
  offset?: number;
}

const gallon = 3.785411784;
const us: Record<string, Conversion> = {
  'l/s': { to: 'gpm', factor: 60 / gallon },
  'l/min': { to: 'gpm', factor: 1 / gallon },
  'l/h': { to: 'gph', factor: 1 / gallon },
  'm3/h': { to: 'gpm', factor: 1000 / 60 / gallon },
  'm3/d': { to: 'gpd', factor: 1000 / gallon },
  'Ml/d': { to: 'MGD', factor: 1 / gallon },
  m3: { to: 'kgal', factor: 1 / gallon },
  l: { to: 'gal', factor: 1 / gallon },
  m: { to: 'ft', factor: 1 / 0.3048 },
  mm: { to: 'in', factor: 1 / 25.4 },
  'm/s': { to: 'ft/s', factor: 1 / 0.3048 },
  'mm/s': { to: 'in/s', factor: 1 / 25.4 },
  'mm/h': { to: 'in/h', factor: 1 / 25.4 },
  bar: { to: 'psi', factor: 14.503774 },
  kPa: { to: 'psi', factor: 0.14503774 },
  kW: { to: 'hp', factor: 1 / 0.7456998716 },
  degC: { to: '°F', factor: 1.8, offset: 32 },
  kg: { to: 'lb', factor: 1 / 0.45359237 },
  'kg/h': { to: 'lb/h', factor: 1 / 0.45359237 },
  g: { to: 'oz', factor: 1 / 28.349523125 },
  'kWh/m3': { to: 'kWh/kgal', factor: gallon },
};

// How a unit is written for people; what is not here is written as it is.
const written: Record<string, string> = {
  '1': '',
  degC: '°C',
  m2: 'm²',
  m3: 'm³',
  'm3/h': 'm³/h',
  'm3/d': 'm³/d',
  'kWh/m3': 'kWh/m³',
  'uS/cm': 'µS/cm',
  'l/s': 'L/s',
  'l/h': 'L/h',
  'l/min': 'L/min',
  l: 'L',
  'mg/l': 'mg/L',
  'mg.min/l': 'mg·min/L',
  '1/min': 'rpm',
  '1/s': 's⁻¹',
  pH: 'pH',
};

// The twin models write litres as L; the table has one spelling.
const folded = (unit: string) =>
  unit.replace(/\bL\b/g, 'l').replace('³', '3').replace('°C', 'degC');

export interface Shown {
  value: number;
  unit: string;
}

export function convert(value: number, unit: string | null | undefined, set: UnitSet): Shown {
  const plain = folded(unit ?? '');
  const conversion = set === 'us' ? us[plain] : undefined;
  if (!conversion) return { value, unit: written[plain] ?? plain };
  return { value: value * conversion.factor + (conversion.offset ?? 0), unit: conversion.to };
}

// The other way: what a person typed in the shown unit, in the stored one.
export function convertBack(shown: number, unit: string | null | undefined, set: UnitSet): number {
  const conversion = set === 'us' ? us[folded(unit ?? '')] : undefined;
  return conversion ? (shown - (conversion.offset ?? 0)) / conversion.factor : shown;
}

export const unitText = (unit: string | null | undefined, set: UnitSet): string =>
  convert(0, unit, set).unit;

const formats = new Map<string, Intl.NumberFormat>();

// Four figures that matter, never more than `digits` behind the point; grouped by the language.
export function formatNumber(value: number, digits?: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const behind =
    digits ?? (size >= 1000 || Number.isInteger(value) ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3);
  const language = languageNow() === 'zh' ? 'zh-CN' : 'en-GB';
  const key = `${language} ${behind} ${digits === undefined}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language, {
      minimumFractionDigits: digits === undefined ? 0 : behind,
      maximumFractionDigits: behind,
    });
    formats.set(key, format);
  }
  return format.format(value).replace('-', '−');
}

export const useUnits = (): UnitSet => usePrefs((prefs) => prefs.units);
