import type { DriverSetting, SettingValue } from './model';

// A driver's own table as a form: what is typed is text until it is sent.
export type FormValues = Record<string, string>;
export type FieldKind = 'text' | 'number' | 'switch' | 'choice' | 'duration';

export interface Field extends DriverSetting {
  kind: FieldKind;
  required: boolean; // has no default and the link does not work without it
  main: boolean; // stands above "more settings"
}

const mainNames = new Set([
  'host', 'port', 'serial_port', 'baud_rate', 'parity', 'data_bits', 'stop_bits', 'listen_host',
  'listen_port', 'cpu', 'model', 'rack', 'slot', 'common_address', 'unit',
]);
const neededNames = new Set(['host', 'serial_port']);

function kindOf(setting: DriverSetting): FieldKind {
  if (setting.choices?.length) return 'choice';
  switch (setting.type) {
    case 'boolean': return 'switch';
    case 'integer': case 'number': return 'number';
    case 'duration': return 'duration';
    default: return 'text';
  }
}

export const fieldsOf = (settings: DriverSetting[]): Field[] => settings
  .map((setting) => ({
    ...setting,
    kind: kindOf(setting),
    required: neededNames.has(setting.name) && setting.default === '',
    main: mainNames.has(setting.name),
  }))
  .sort((left, right) => Number(right.main) - Number(left.main));

export function valuesOf(
  fields: Field[], settings: Record<string, SettingValue>,
): FormValues {
  const values: FormValues = {};
  for (const field of fields) {
    const given = settings[field.name];
    values[field.name] = given === undefined ? field.default : String(given);
  }
  return values;
}

const inSeconds: Record<string, number> = {
  us: 1e-6, ms: 1e-3, s: 1, m: 60, min: 60, h: 3600, d: 86400,
};

// "1s", "250ms", "1m30s" in seconds; NaN for anything else. A plain number is not a duration.
export function parseDuration(text: string): number {
  const plain = text.trim();
  if (plain === '0') return 0;
  if (!/^(\d+(\.\d+)?(us|ms|min|s|m|h|d)\s*)+$/.test(plain)) return NaN;
  let sum = 0;
  for (const [, count, unit] of plain.matchAll(/(\d+(?:\.\d+)?)(us|ms|min|s|m|h|d)/g))
    sum += Number(count) * (inSeconds[unit ?? ''] ?? NaN);
  return sum;
}

export type FlawKind = 'needed' | 'notNumber' | 'notWhole' | 'notDuration' | 'outside';

// What is wrong with a field before the server sees it; undefined: nothing.
export function flawOf(field: Field, text: string): FlawKind | undefined {
  const plain = text.trim();
  if (plain === '') return field.required ? 'needed' : undefined;
  if (field.kind !== 'number' && field.kind !== 'duration') return undefined;
  const value = field.kind === 'number' ? Number(plain) : parseDuration(plain);
  if (!Number.isFinite(value)) return field.kind === 'number' ? 'notNumber' : 'notDuration';
  if (field.type === 'integer' && !Number.isInteger(value)) return 'notWhole';
  if ((field.min !== undefined && value < field.min)
    || (field.max !== undefined && value > field.max)) return 'outside';
  return undefined;
}

export function flawsOf(fields: Field[], values: FormValues): Record<string, FlawKind> {
  const flaws: Record<string, FlawKind> = {};
  for (const field of fields) {
    const flaw = flawOf(field, values[field.name] ?? '');
    if (flaw) flaws[field.name] = flaw;
  }
  return flaws;
}

function typed(field: Field, text: string): SettingValue {
  const plain = text.trim();
  if (field.kind === 'switch') return plain === 'true';
  if (field.type === 'list of texts')
    return plain.split(',').map((one) => one.trim()).filter(Boolean);
  return field.kind === 'number' ? Number(plain) : plain;
}

// What to send: settings that differ from their defaults.
export function settingsOf(fields: Field[], values: FormValues): Record<string, SettingValue> {
  const settings: Record<string, SettingValue> = {};
  for (const field of fields) {
    const text = values[field.name] ?? '';
    if (text.trim() === '' || text === field.default) continue;
    settings[field.name] = typed(field, text);
  }
  return settings;
}

// The same as a merge patch over what is there: null gives a setting its default back.
export function settingsPatch(
  fields: Field[], values: FormValues, before: Record<string, SettingValue>,
): Record<string, SettingValue | null> {
  const wanted = settingsOf(fields, values);
  const patch: Record<string, SettingValue | null> = {};
  for (const name of Object.keys(before))
    if (!(name in wanted)) patch[name] = null;
  for (const [name, value] of Object.entries(wanted))
    if (String(before[name]) !== String(value)) patch[name] = value;
  // A setting that stands there with its default value is no change.
  for (const field of fields)
    if (patch[field.name] === null && String(before[field.name]) === field.default)
      delete patch[field.name];
  return patch;
}

// Bounds as people read them: "1 to 65535", "0.01 s to 300 s".
export function boundsText(field: Field, to: string): string {
  const unit = field.kind === 'duration' ? ' s' : '';
  if (field.min !== undefined && field.max !== undefined)
    return `${field.min}${unit} ${to} ${field.max}${unit}`;
  if (field.min !== undefined) return `≥ ${field.min}${unit}`;
  return field.max !== undefined ? `≤ ${field.max}${unit}` : '';
}
