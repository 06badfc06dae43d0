import { localised } from '~/words/localised';
import type { Shape, Slot } from './data';

// From DTDL schemas to forms: what a person may fill in, and what is wrong with it.
export type Field =
  | { kind: 'number'; integer: boolean; min?: number; max?: number; unit?: string }
  | { kind: 'boolean' }
  | { kind: 'text'; format?: 'date' | 'dateTime' | 'duration' | 'time' }
  | { kind: 'enum'; options: { value: string | number; label: string }[] }
  | { kind: 'object'; fields: { name: string; label: string; field: Field }[] }
  | { kind: 'array'; item: Field }
  | { kind: 'map'; item: Field }
  | { kind: 'json' };

export interface Doc {
  [member: string]: unknown;
}

const isDoc = (value: unknown): value is Doc =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

const numbers: Record<string, boolean> = {
  double: false, float: false, decimal: false, integer: true, long: true, byte: true, short: true,
  unsignedByte: true, unsignedInteger: true, unsignedLong: true, unsignedShort: true,
};

interface Extra {
  min?: number;
  max?: number;
  unit?: string;
}

// `named` has the schemas of an interface that are used by their id.
export function fieldOf(schema: unknown, extra: Extra = {}, named = new Map<string, Doc>(),
  depth = 0): Field {
  if (depth > 8) return { kind: 'json' };
  if (typeof schema === 'string') {
    const integer = numbers[schema];
    if (integer !== undefined) return { kind: 'number', integer, ...extra };
    if (schema === 'boolean') return { kind: 'boolean' };
    if (schema === 'string' || schema === 'uuid' || schema === 'bytes') return { kind: 'text' };
    if (schema === 'date' || schema === 'dateTime' || schema === 'duration' || schema === 'time')
      return { kind: 'text', format: schema };
    const found = named.get(schema);
    return found ? fieldOf(found, extra, named, depth + 1) : { kind: 'json' };
  }
  if (!isDoc(schema)) return { kind: 'json' };
  const types = listOf(schema['@type']);
  if (types.includes('Enum'))
    return {
      kind: 'enum',
      options: listOf(schema.enumValues).filter(isDoc).map((one) => ({
        value: one.enumValue as string | number,
        label: localised(one.displayName) ?? String(one.name ?? one.enumValue),
      })),
    };
  if (types.includes('Object'))
    return {
      kind: 'object',
      fields: listOf(schema.fields).filter(isDoc).map((one) => ({
        name: String(one.name),
        label: localised(one.displayName) ?? String(one.name),
        field: fieldOf(one.schema, extraOf(one), named, depth + 1),
      })),
    };
  if (types.includes('Array'))
    return { kind: 'array', item: fieldOf(schema.elementSchema, {}, named, depth + 1) };
  if (types.includes('Map')) {
    const value = isDoc(schema.mapValue) ? schema.mapValue.schema : undefined;
    return { kind: 'map', item: fieldOf(value, {}, named, depth + 1) };
  }
  return { kind: 'json' };
}

function extraOf(element: Doc): Extra {
  const { minimum, maximum, unitSymbol } = element;
  return {
    ...(typeof minimum === 'number' ? { min: minimum } : {}),
    ...(typeof maximum === 'number' ? { max: maximum } : {}),
    ...(typeof unitSymbol === 'string' ? { unit: unitSymbol } : {}),
  };
}

const namedOf = (model: Doc): Map<string, Doc> =>
  new Map(listOf(model.schemas).filter(isDoc).map((one) => [String(one['@id']), one]));

// The element of a model document by its name: a property, telemetry or command.
export const elementOf = (model: Doc | undefined, name: string): Doc | undefined =>
  listOf(model?.contents).filter(isDoc).find((one) => one.name === name);

// A slot's form. Its document is needed only where the schema is not a plain one.
export function slotField(slot: Slot, model: Doc | undefined): Field {
  const extra: Extra = {
    ...(slot.minimum !== undefined ? { min: slot.minimum } : {}),
    ...(slot.maximum !== undefined ? { max: slot.maximum } : {}),
    ...(slot.unit ? { unit: slot.unit } : {}),
  };
  const name = slot.path.slice(slot.path.lastIndexOf('/') + 1);
  const element = elementOf(model, name);
  return fieldOf(element?.schema ?? slot.schema, extra, model ? namedOf(model) : undefined);
}

export function requestField(model: Doc | undefined, command: string): Field | null {
  const request = elementOf(model, command.slice(command.lastIndexOf('/') + 1))?.request;
  if (!isDoc(request)) return null;
  return fieldOf(request.schema, extraOf(request), model ? namedOf(model) : undefined);
}

export const plainSchema = (schema: string): boolean =>
  schema in numbers
  || ['boolean', 'string', 'date', 'dateTime', 'duration', 'time'].includes(schema);

export interface Wrong {
  pointer: string;
  key: 'wantNumber' | 'wantInteger' | 'wantBoolean' | 'wantText' | 'wantOneOf' | 'tooLow'
    | 'tooHigh' | 'wantObject' | 'wantList' | 'noSuchMember' | 'wantFormat';
  values: Record<string, string | number>;
}

const escaped = (name: string) => name.replace(/~/g, '~0').replace(/\//g, '~1');

const formats: Record<string, RegExp> = {
  date: /^\d{4}-\d\d-\d\d$/,
  dateTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d/,
  time: /^\d\d:\d\d/,
  duration: /^-?P(?=.)/,
};

// What is wrong with a value; the server has the last word.
export function check(field: Field, value: unknown, pointer = ''): Wrong[] {
  const wrong = (key: Wrong['key'], values: Wrong['values'] = {}): Wrong[] =>
    [{ pointer, key, values }];
  switch (field.kind) {
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) return wrong('wantNumber');
      if (field.integer && !Number.isInteger(value)) return wrong('wantInteger');
      if (field.min !== undefined && value < field.min)
        return wrong('tooLow', { limit: field.min });
      if (field.max !== undefined && value > field.max)
        return wrong('tooHigh', { limit: field.max });
      return [];
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrong('wantBoolean');
    case 'text':
      if (typeof value !== 'string') return wrong('wantText');
      return field.format && !formats[field.format]?.test(value)
        ? wrong('wantFormat', { format: field.format }) : [];
    case 'enum':
      return field.options.some((one) => one.value === value) ? []
        : wrong('wantOneOf', { values: field.options.map((one) => one.value).join(', ') });
    case 'object':
      if (!isDoc(value)) return wrong('wantObject');
      return Object.entries(value).flatMap(([name, one]) => {
        const at = `${pointer}/${escaped(name)}`;
        const member = field.fields.find((each) => each.name === name);
        return member ? check(member.field, one, at)
          : [{ pointer: at, key: 'noSuchMember' as const, values: { name } }];
      });
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((one, index) => check(field.item, one, `${pointer}/${index}`))
        : wrong('wantList');
    case 'map':
      return isDoc(value)
        ? Object.entries(value).flatMap(([name, one]) =>
          check(field.item, one, `${pointer}/${escaped(name)}`))
        : wrong('wantObject');
    case 'json':
      return [];
  }
}

// What a new form begins with.
export function initial(field: Field): unknown {
  switch (field.kind) {
    case 'boolean': return false;
    case 'enum': return field.options[0]?.value;
    case 'object':
      return Object.fromEntries(field.fields.map((one) => [one.name, initial(one.field)]));
    case 'array': return [];
    case 'map': return {};
    case 'text': return '';
    default: return undefined;
  }
}

// What a twin's description says that its model does not know; plain schemas are checked by kind.
export function checkDescription(text: string, shape: Shape, docs: Map<string, Doc>): Wrong[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return [];
  }
  if (!isDoc(parsed) || parsed.model !== shape.id) return [];
  const slots = new Map(shape.slots.map((slot) => [slot.path, slot]));
  const wrong: Wrong[] = [];
  const walk = (values: unknown, prefix: string, pointer: string) => {
    if (!isDoc(values)) return;
    for (const [name, value] of Object.entries(values)) {
      const path = prefix ? `${prefix}/${name}` : name;
      const at = `${pointer}/${escaped(name)}`;
      const slot = slots.get(path);
      if (slot) wrong.push(...check(slotField(slot, docs.get(slot.definedIn)), value, at));
      else if ([...slots.keys()].some((each) => each.startsWith(`${path}/`)))
        walk(value, path, at);
      else wrong.push({ pointer: at, key: 'noSuchMember', values: { name: path } });
    }
  };
  walk(parsed.properties, '', '/properties');
  if (isDoc(parsed.bindings))
    for (const path of Object.keys(parsed.bindings))
      if (!slots.has(path))
        wrong.push({
          pointer: `/bindings/${escaped(path)}`, key: 'noSuchMember', values: { name: path },
        });
  return wrong;
}
