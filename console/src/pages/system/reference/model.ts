// The server's description of its own API (OpenAPI 3.1), as far as the reference shows it.
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: boolean | Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  maxLength?: number;
  pattern?: string;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  description?: string;
  required?: boolean;
  schema?: Schema;
}

type Content = Record<string, { schema?: Schema }>;

interface Described {
  operationId?: string;
  summary?: string;
  parameters?: Parameter[];
  requestBody?: { description?: string; required?: boolean; content?: Content };
  responses?: Record<string, { description?: string; content?: Content }>;
  'x-required-role'?: string;
}

export interface ApiDocument {
  info: { title: string; version: string; description?: string };
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, Schema> };
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  group: string;
  summary: string;
  role: string;
  parameters: Parameter[];
  body?: Described['requestBody'];
  responses: [string, { description?: string; content?: Content }][];
}

const methods = ['get', 'post', 'put', 'patch', 'delete'];

// "/api/v1/rules/{id}" is of "rules"; what is outside the API proper is of "/".
const groupOf = (path: string): string => /^\/api\/v1\/([^/]+)/.exec(path)?.[1] ?? '/';

export function operationsOf(document: ApiDocument): Operation[] {
  const found: Operation[] = [];
  for (const [path, item] of Object.entries(document.paths))
    for (const method of methods) {
      const one = item[method];
      if (!one) continue;
      found.push({
        id: one.operationId ?? `${method} ${path}`, method: method.toUpperCase(), path,
        group: groupOf(path), summary: one.summary ?? '', role: one['x-required-role'] ?? '',
        parameters: one.parameters ?? [], body: one.requestBody,
        responses: Object.entries(one.responses ?? {}).sort(([a], [b]) => a.localeCompare(b)),
      });
    }
  return found;
}

// Every word typed is somewhere in the method, the path, the id or the summary.
export function matches(one: Operation, text: string): boolean {
  const all = `${one.method} ${one.path} ${one.id} ${one.summary}`.toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}

export function grouped(operations: Operation[]): [string, Operation[]][] {
  const groups = new Map<string, Operation[]>();
  for (const one of operations)
    groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  return [...groups].sort(([a], [b]) => (a === '/' ? 1 : b === '/' ? -1 : a.localeCompare(b)));
}

const refName = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

export function resolved(document: ApiDocument, schema: Schema): Schema {
  return schema.$ref ? document.components.schemas[refName(schema.$ref)] ?? {} : schema;
}

// "string (date-time)", "array of Action", "null or number".
export function typeText(schema: Schema): string {
  if (schema.$ref) return refName(schema.$ref);
  const several = schema.oneOf ?? schema.anyOf;
  if (several) return several.map(typeText).join(' | ');
  if (schema.allOf) return schema.allOf.map(typeText).join(' & ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const types = Array.isArray(schema.type) ? schema.type.join(' | ') : schema.type ?? 'any';
  if (types === 'array') return `${typeText(schema.items ?? {})}[]`;
  return schema.format ? `${types} (${schema.format})` : types;
}

// What a value may be beside its type: "1 to 65535", "at most 128 characters" ... as signs that
// every language reads.
export function limitsText(schema: Schema): string {
  const parts: string[] = [];
  if (schema.enum) parts.push(schema.enum.map((one) => JSON.stringify(one)).join(', '));
  if (schema.minimum !== undefined) parts.push(`≥ ${schema.minimum}`);
  if (schema.maximum !== undefined) parts.push(`≤ ${schema.maximum}`);
  if (schema.maxLength !== undefined) parts.push(`length ≤ ${schema.maxLength}`);
  if (schema.minItems !== undefined) parts.push(`items ≥ ${schema.minItems}`);
  if (schema.maxItems !== undefined) parts.push(`items ≤ ${schema.maxItems}`);
  if (schema.pattern) parts.push(schema.pattern);
  if (schema.default !== undefined) parts.push(`= ${JSON.stringify(schema.default)}`);
  return parts.join(' · ');
}

export interface Field {
  path: string;
  depth: number;
  type: string;
  required: boolean;
  limits: string;
  description: string;
}

const deepest = 6;

// The members of an object, those of its members below them. A schema within itself is named, not
// opened again.
export function fieldsOf(document: ApiDocument, schema: Schema): Field[] {
  const out: Field[] = [];
  const walk = (at: Schema, path: string, depth: number, open: string[]) => {
    const name = at.$ref ? refName(at.$ref) : '';
    if (depth > deepest || (name && open.includes(name))) return;
    const inside = name ? [...open, name] : open;
    const real = resolved(document, at);
    for (const part of [...(real.allOf ?? []), ...(real.oneOf ?? []), ...(real.anyOf ?? [])])
      walk(part, path, depth, inside);
    if (real.items) walk(real.items, `${path}[]`, depth, inside);
    for (const [key, value] of Object.entries(real.properties ?? {})) {
      const here = path ? `${path}.${key}` : key;
      if (!out.some((one) => one.path === here))
        out.push({
          path: here, depth, type: typeText(value), limits: limitsText(value),
          required: real.required?.includes(key) ?? false,
          description: value.description ?? resolved(document, value).description ?? '',
        });
      walk(value, here, depth + 1, inside);
    }
  };
  walk(schema, '', 0, []);
  return out;
}

// A body to begin with: what is required, with a value of its type.
export function exampleOf(document: ApiDocument, schema: Schema, depth = 0): unknown {
  const real = resolved(document, schema);
  if (real.default !== undefined) return real.default;
  if (real.const !== undefined) return real.const;
  if (real.enum?.length) return real.enum[0];
  const first = real.oneOf?.[0] ?? real.anyOf?.[0];
  if (first) return exampleOf(document, first, depth);
  if (real.allOf)
    return Object.assign({}, ...real.allOf.map((one) =>
      exampleOf(document, one, depth) as object)) as unknown;
  const type = Array.isArray(real.type) ? real.type[0] : real.type;
  switch (type) {
    case 'object': case undefined: {
      if (depth > deepest) return {};
      const names = real.required ?? [];
      return Object.fromEntries(names.map((name) =>
        [name, exampleOf(document, real.properties?.[name] ?? {}, depth + 1)]));
    }
    case 'array':
      return real.minItems ? [exampleOf(document, real.items ?? {}, depth + 1)] : [];
    case 'integer': case 'number': return real.minimum ?? 0;
    case 'boolean': return false;
    case 'null': return null;
    default: return '';
  }
}

// The address with its parameters filled in; what is empty is left out, or stays a {name} in the
// path.
export function addressOf(one: Operation, values: Record<string, string>): string {
  const path = one.path.replace(/\{([^}]+)\}/g, (whole, name: string) =>
    values[name] ? encodeURIComponent(values[name]) : whole);
  const search = new URLSearchParams();
  for (const { name, in: place } of one.parameters)
    if (place === 'query' && values[name]) search.append(name, values[name]);
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

const quoted = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`;

// The same by curl. The key stays in a file: it belongs neither on a screen nor in a shell's past.
export function curlOf(
  document: ApiDocument, one: Operation, base: string, values: Record<string, string>,
  withKey: boolean,
): string {
  const parts = [`curl ${one.method === 'GET' ? '' : `-X ${one.method} `}`
    + quoted(base + addressOf(one, values))];
  if (withKey && one.role) parts.push('-H "Authorization: Bearer $(cat key)"');
  const type = Object.keys(one.body?.content ?? {})[0];
  const schema = type ? one.body?.content?.[type]?.schema : undefined;
  if (type) parts.push(`-H ${quoted(`Content-Type: ${type}`)}`);
  if (type?.includes('json'))
    parts.push(`-d ${quoted(JSON.stringify(schema ? exampleOf(document, schema) : {}))}`);
  else if (type) parts.push('--data-binary @file');
  return parts.join(' \\\n  ');
}

// What may be tried here: reading, with an answer that ends and can be shown.
export function canTry(one: Operation): boolean {
  if (one.method !== 'GET') return false;
  const types = Object.keys(one.responses.find(([code]) => code === '200')?.[1].content ?? {});
  return types.some((type) => type === 'application/json' || type === 'text/plain');
}
