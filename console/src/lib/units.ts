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
const foot = 0.3048;
const pound = 0.45359237;
const psi = 0.14503773773; // in a kPa
const us: Record<string, Conversion> = {
  'l/s': { to: 'gpm', factor: 60 / gallon },
  'l/min': { to: 'gpm', factor: 1 / gallon },
  'l/h': { to: 'gph', factor: 1 / gallon },
  'l/d': { to: 'gpd', factor: 1 / gallon },
  'm3/s': { to: 'ft³/s', factor: 1 / foot ** 3 },
  'm3/h': { to: 'gpm', factor: 1000 / 60 / gallon },
  'm3/d': { to: 'gpd', factor: 1000 / gallon },
  'Ml/d': { to: 'MGD', factor: 1 / gallon },
  'm3/h/m2': { to: 'gpm/ft²', factor: (1000 / 60 / gallon) * foot ** 2 },
  m3: { to: 'kgal', factor: 1 / gallon },
  l: { to: 'gal', factor: 1 / gallon },
  kl: { to: 'kgal', factor: 1 / gallon },
  Ml: { to: 'MG', factor: 1 / gallon },
  km: { to: 'mi', factor: 1 / 1.609344 },
  m: { to: 'ft', factor: 1 / foot },
  cm: { to: 'in', factor: 1 / 2.54 },
  mm: { to: 'in', factor: 1 / 25.4 },
  m2: { to: 'ft²', factor: 1 / foot ** 2 },
  ha: { to: 'acre', factor: 10_000 / 4046.8564224 },
  'm/s': { to: 'ft/s', factor: 1 / foot },
  'm/min': { to: 'ft/min', factor: 1 / foot },
  'm/h': { to: 'ft/h', factor: 1 / foot },
  'm/d': { to: 'ft/d', factor: 1 / foot },
  'km/h': { to: 'mph', factor: 1 / 1.609344 },
  'mm/s': { to: 'in/s', factor: 1 / 25.4 },
  'mm/h': { to: 'in/h', factor: 1 / 25.4 },
  'mm/d': { to: 'in/d', factor: 1 / 25.4 },
  'm/km': { to: 'ft/kft', factor: 1 },
  bar: { to: 'psi', factor: 100 * psi },
  mbar: { to: 'psi', factor: psi / 10 },
  kPa: { to: 'psi', factor: psi },
  MPa: { to: 'psi', factor: 1000 * psi },
  mH2O: { to: 'ftH2O', factor: 1 / foot },
  'kPa/m': { to: 'psi/ft', factor: psi * foot },
  'bar/km': { to: 'psi/kft', factor: 100 * psi * foot },
  kW: { to: 'hp', factor: 1 / 0.7456998716 },
  degC: { to: '°F', factor: 1.8, offset: 32 },
  'degC/h': { to: '°F/h', factor: 1.8 },
  t: { to: 'lb', factor: 1000 / pound },
  kg: { to: 'lb', factor: 1 / pound },
  'kg/h': { to: 'lb/h', factor: 1 / pound },
  'kg/d': { to: 'lb/d', factor: 1 / pound },
  'kg/Ml': { to: 'lb/MG', factor: gallon / pound },
  g: { to: 'oz', factor: 1 / 28.349523125 },
  'kWh/m3': { to: 'kWh/kgal', factor: gallon },
  'kWh/Ml': { to: 'kWh/MG', factor: gallon },
};

// How a unit is written for people; what is not here is written as it is.
const written: Record<string, string> = {
  '1': '',
  degC: '°C',
  'degC/h': '°C/h',
  'm3/s': 'm³/s',
  'm3/h/m2': 'm³/h/m²',
  'g/m3': 'g/m³',
  'kg/m3': 'kg/m³',
  'Ml/d': 'ML/d',
  Ml: 'ML',
  kl: 'kL',
  ml: 'mL',
  'l/d': 'L/d',
  'g/l': 'g/L',
  'ug/l': 'µg/L',
  'kg/Ml': 'kg/ML',
  'kWh/Ml': 'kWh/ML',
  mH2O: 'mH₂O',
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

// One spelling of the signs, and of litres, which the twin models write as L; after units.cpp.
const folded = (unit: string) =>
  unit.replaceAll('³', '3').replaceAll('²', '2').replaceAll('₂', '2').replace(/[µμ]/g, 'u')
    .replaceAll('°', 'deg').replace(/\b([kmMGu]?)L\b/g, '$1l');

export interface Shown {
  value: number;
  unit: string;
}

export function convert(value: number, unit: string | null | undefined, set: UnitSet): Shown {
  const plain = folded(unit ?? '');
  const conversion = set === 'us' ? us[plain] : undefined;
  if (!conversion) return { value, unit: written[plain] ?? unit ?? '' };
  return { value: value * conversion.factor + (conversion.offset ?? 0), unit: conversion.to };
}

// The other way: what a person typed in the shown unit, in the stored one.
export function convertBack(shown: number, unit: string | null | undefined, set: UnitSet): number {
  const conversion = set === 'us' ? us[folded(unit ?? '')] : undefined;
  return conversion ? (shown - (conversion.offset ?? 0)) / conversion.factor : shown;
}

// A difference of two values, a band, a deviation: 10 degC more are 18 °F more, not 50.
export function convertDelta(delta: number, unit: string | null | undefined, set: UnitSet): Shown {
  const { value, unit: shown } = convert(delta, unit, set);
  const zero = set === 'us' ? us[folded(unit ?? '')]?.offset ?? 0 : 0;
  return { value: value - zero, unit: shown };
}

export const unitText = (unit: string | null | undefined, set: UnitSet): string =>
  convert(0, unit, set).unit;

const formats = new Map<string, Intl.NumberFormat>();

// Beyond these a number is written with a power of ten; below the first it would read as 0.
const leastPlain = 1e-6;
const mostPlain = 1e15;

function formatFor(behind: number, digits: number | undefined, size: number): Intl.NumberFormat {
  const language = languageNow() === 'zh' ? 'zh-CN' : 'en-GB';
  const small = digits === undefined && size > 0 && size < 0.01;
  const power = digits === undefined && size > 0 && (size < leastPlain || size >= mostPlain);
  const key = `${language} ${power ? 'e' : small ? 's' : behind} ${digits === undefined}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(language, power
      ? { notation: 'scientific', maximumSignificantDigits: 4 }
      : small ? { maximumSignificantDigits: 3 }
        : { minimumFractionDigits: digits === undefined ? 0 : behind,
          maximumFractionDigits: behind });
    formats.set(key, format);
  }
  return format;
}

// Four figures that matter; what is small keeps three of them, and is never written as 0. With
// `digits` just so many behind the point. Grouped by the language.
export function formatNumber(value: number, digits?: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const behind =
    digits ?? (size >= 1000 || Number.isInteger(value) ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3);
  const text = formatFor(behind, digits, size).format(value).replaceAll('-', '−');
  return /[1-9]/.test(text) ? text : text.replace('−', '');
}

export const useUnits = (): UnitSet => usePrefs((prefs) => prefs.units);
