import { DecodeError, hex, utf8, wide } from './bytes';
import { doubleOf, fieldsOf, floatOf, varintsOf, type Field } from './protobuf';

// Sparkplug B payloads (Eclipse Sparkplug 3.0) to what JSON can show. Which payloads are such is
// said by the topic, never guessed from the bytes: plain numbers look like protobuf now and then.
export const maxDepth = 12;
export const maxMetrics = 20_000;

const types = ['Unknown', 'Int8', 'Int16', 'Int32', 'Int64', 'UInt8', 'UInt16', 'UInt32', 'UInt64',
  'Float', 'Double', 'Boolean', 'String', 'DateTime', 'Text', 'UUID', 'DataSet', 'Bytes', 'File',
  'Template', 'PropertySet', 'PropertySetList', 'Int8Array', 'Int16Array', 'Int32Array',
  'Int64Array', 'UInt8Array', 'UInt16Array', 'UInt32Array', 'UInt64Array', 'FloatArray',
  'DoubleArray', 'BooleanArray', 'StringArray', 'DateTimeArray'];
const signedBits: Record<number, number> = { 1: 8, 2: 16, 3: 32, 4: 64 };

export interface SparkTopic {
  group: string;
  kind: string; // NBIRTH, DDATA ...
  node: string;
  device?: string;
}

const kinds = new Set(['NBIRTH', 'NDEATH', 'DBIRTH', 'DDEATH', 'NDATA', 'DDATA', 'NCMD', 'DCMD']);

// The parts of a Sparkplug topic; null for any other, and for STATE, whose payload is JSON.
export function sparkTopic(topic: string): SparkTopic | null {
  const plain = topic.startsWith('$sparkplug/certificates/') ? topic.slice(24) : topic;
  const [space, group, kind, node, device, ...more] = plain.split('/');
  if (space !== 'spBv1.0' || !group || !kind || !node || more.length || !kinds.has(kind))
    return null;
  return { group, kind, node, ...(device ? { device } : {}) };
}

export interface Metric {
  name?: string;
  alias?: number | string;
  timestamp?: string;
  type?: string;
  historical?: boolean;
  transient?: boolean;
  value?: unknown;
  properties?: Record<string, unknown>;
}

export interface SparkPayload {
  timestamp?: string;
  seq?: number | string;
  uuid?: string;
  body?: string;
  metrics: Metric[];
}

const text = (field: Field): string => {
  const read = utf8(field.bytes);
  if (read === null) throw new DecodeError('Sparkplug has a text that is not UTF-8');
  return read;
};

const timeText = (ms: bigint): string =>
  ms < 8_640_000_000_000_000n ? new Date(Number(ms)).toISOString() : ms.toString();

// The number a 32 or 64 bit field holds, by the metric's data type.
function whole(bits: bigint, type: number): number | string {
  const signed = signedBits[type];
  if (signed) return wide(BigInt.asIntN(signed, bits));
  return type === 13 ? timeText(bits) : wide(bits);
}

const real = (value: number): number | string =>
  Number.isFinite(value) ? value : String(value);

// int, long, float, double, boolean, string from field `first` on: the same in all messages.
function scalar(field: Field, first: number, type: number): unknown {
  switch (field.number - first) {
    case 0: case 1: return whole(field.varint, type);
    // 32 bit reals are shown with the figures they have.
    case 2: return real(Number(floatOf(field).toPrecision(7)));
    case 3: return real(doubleOf(field));
    case 4: return field.varint !== 0n;
    case 5: return text(field);
    default: return undefined;
  }
}

class Decoder {
  private count = 0;

  private enter(depth: number): void {
    if (depth > maxDepth) throw new DecodeError(`Sparkplug is nested deeper than ${maxDepth}`);
    this.count += 1;
    if (this.count > maxMetrics)
      throw new DecodeError(`Sparkplug has more than ${maxMetrics} parts`);
  }

  payload(bytes: Uint8Array): SparkPayload {
    const read: SparkPayload = { metrics: [] };
    for (const field of fieldsOf(bytes)) {
      if (field.number === 1) read.timestamp = timeText(field.varint);
      else if (field.number === 2) read.metrics.push(this.metric(field.bytes, 1));
      else if (field.number === 3) read.seq = wide(field.varint);
      else if (field.number === 4) read.uuid = text(field);
      else if (field.number === 5) read.body = hex(field.bytes);
    }
    return read;
  }

  private metric(bytes: Uint8Array, depth: number): Metric {
    this.enter(depth);
    const fields = [...fieldsOf(bytes)];
    const type = Number(fields.find((field) => field.number === 4)?.varint ?? 0n);
    const read: Metric = {};
    let isNull = false;
    for (const field of fields) {
      const { number } = field;
      if (number === 1) read.name = text(field);
      else if (number === 2) read.alias = wide(field.varint);
      else if (number === 3) read.timestamp = timeText(field.varint);
      else if (number === 4) read.type = types[type] ?? `type ${type}`;
      else if (number === 5 && field.varint) read.historical = true;
      else if (number === 6 && field.varint) read.transient = true;
      else if (number === 7) isNull = field.varint !== 0n;
      else if (number === 9) read.properties = this.properties(field.bytes, depth + 1);
      else if (number >= 10 && number <= 15) read.value = scalar(field, 10, type);
      else if (number === 16) read.value = hex(field.bytes);
      else if (number === 17) read.value = this.dataSet(field.bytes, depth + 1);
      else if (number === 18) read.value = this.template(field.bytes, depth + 1);
    }
    if (isNull) read.value = null;
    return read;
  }

  private properties(bytes: Uint8Array, depth: number): Record<string, unknown> {
    this.enter(depth);
    const keys: string[] = [];
    const values: unknown[] = [];
    for (const field of fieldsOf(bytes)) {
      if (field.number === 1) keys.push(text(field));
      else if (field.number === 2) values.push(this.property(field.bytes, depth + 1));
    }
    return Object.fromEntries(keys.map((key, index) => [key, values[index] ?? null]));
  }

  private property(bytes: Uint8Array, depth: number): unknown {
    this.enter(depth);
    const fields = [...fieldsOf(bytes)];
    const type = Number(fields.find((field) => field.number === 1)?.varint ?? 0n);
    let value: unknown = null;
    for (const field of fields) {
      if (field.number >= 3 && field.number <= 8) value = scalar(field, 3, type);
      else if (field.number === 9) value = this.properties(field.bytes, depth + 1);
      else if (field.number === 10)
        value = [...fieldsOf(field.bytes)].map((one) => this.properties(one.bytes, depth + 1));
    }
    return value;
  }

  private dataSet(bytes: Uint8Array, depth: number): unknown {
    this.enter(depth);
    const columns: string[] = [];
    const columnTypes: number[] = [];
    const rows: unknown[][] = [];
    for (const field of fieldsOf(bytes)) {
      if (field.number === 2) columns.push(text(field));
      else if (field.number === 3) columnTypes.push(...varintsOf(field).map(Number));
      else if (field.number === 4) {
        this.enter(depth);
        rows.push([...fieldsOf(field.bytes)].map((element, index) => {
          this.enter(depth);
          const [value] = [...fieldsOf(element.bytes)];
          return value ? scalar(value, 1, columnTypes[index] ?? 0) ?? null : null;
        }));
      }
    }
    return { columns, types: columnTypes.map((type) => types[type] ?? `type ${type}`), rows };
  }

  private template(bytes: Uint8Array, depth: number): unknown {
    this.enter(depth);
    const read = { template: '', version: '', definition: false,
      parameters: {} as Record<string, unknown>, metrics: [] as Metric[] };
    for (const field of fieldsOf(bytes)) {
      if (field.number === 1) read.version = text(field);
      else if (field.number === 2) read.metrics.push(this.metric(field.bytes, depth + 1));
      else if (field.number === 3) {
        const fields = [...fieldsOf(field.bytes)];
        const name = fields.find((one) => one.number === 1);
        const type = Number(fields.find((one) => one.number === 2)?.varint ?? 0n);
        const value = fields.find((one) => one.number >= 3);
        if (name) read.parameters[text(name)] = value ? scalar(value, 3, type) : null;
      } else if (field.number === 4) read.template = text(field);
      else if (field.number === 5) read.definition = field.varint !== 0n;
    }
    return read;
  }
}

export const decodeSparkplug = (bytes: Uint8Array): SparkPayload => new Decoder().payload(bytes);

// Names of metrics by alias, as the births of nodes and devices said them.
export class Aliases {
  private names = new Map<string, Map<string, string>>();
  private static readonly maxSources = 2000;

  // Births only; malformed ones teach nothing.
  learn(topic: string, bytes: Uint8Array): void {
    const parts = sparkTopic(topic);
    if (!parts?.kind.endsWith('BIRTH')) return;
    const key = `${parts.group}/${parts.node}/${parts.device ?? ''}`;
    if (!this.names.has(key) && this.names.size >= Aliases.maxSources) return;
    try {
      const names = new Map<string, string>();
      for (const { alias, name } of decodeSparkplug(bytes).metrics)
        if (alias !== undefined && name) names.set(String(alias), name);
      this.names.set(key, names);
    } catch {
      return;
    }
  }

  name(topic: string, alias: number | string): string | undefined {
    const parts = sparkTopic(topic);
    return parts ? this.names.get(`${parts.group}/${parts.node}/${parts.device ?? ''}`)
      ?.get(String(alias)) : undefined;
  }
}
